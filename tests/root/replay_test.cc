// SPDX-License-Identifier: GPL-2.0-or-later
// The wall clock and the parallelism against an offline replay of what perf recorded of the same run.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/root/support.h"

namespace ctxray {
namespace {

enum class State : std::uint8_t { kGone, kRunning, kRunnable, kDisk, kWaiting };

struct Event {
  double ns = 0;
  std::string name;
  std::string details;
};

// Lines such as "  12 [001]  5015.440217266:  sched:sched_switch: prev_comm=…".
std::vector<Event> read_events(const std::string& script) {
  static const std::regex kLine(R"(^\s*\d+\s+\[\d+\]\s+(\d+\.\d+):\s+sched:(\w+):\s+(.*)$)");
  std::vector<Event> events;
  std::istringstream lines(script);
  std::smatch match;
  for (std::string line; std::getline(lines, line);)
    if (std::regex_match(line, match, kLine)) events.push_back({std::stod(match[1]) * 1e9, match[2], match[3]});
  return events;
}

std::uint32_t number_after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key);
  return at == std::string::npos ? 0 : static_cast<std::uint32_t>(std::stoul(text.substr(at + key.size())));
}

// Puts the threads' states together as perf saw them, and the wall clock from them.
class Replay {
 public:
  explicit Replay(const Json& process) {
    for (const Json& thread : process["threads"]) states_[thread["tid"].get<std::uint32_t>()] = State::kGone;
  }

  void run(const std::vector<Event>& events, double begin_ns) {
    for (const Event& event : events) {
      if (event.ns > begin_ns) account(event.ns - std::max(last_ns_, begin_ns));
      last_ns_ = event.ns;
      apply(event);
    }
  }

  static double last_event_of(const std::vector<Event>& events, std::uint32_t tid) {
    double last = 0;
    const std::string prev = "prev_pid=" + std::to_string(tid) + " ";
    for (const Event& event : events)
      if (event.details.find(prev) != std::string::npos) last = event.ns;
    return last;
  }

  std::array<double, 8> running_ns{}; // with k threads running
  double starved_ns = 0;
  double disk_ns = 0;
  double waiting_ns = 0;

 private:
  void account(double ns) {
    std::map<State, std::size_t> count;
    for (const auto& [tid, state] : states_) ++count[state];
    if (count[State::kGone] == states_.size()) return;
    running_ns.at(std::min(count[State::kRunning], running_ns.size() - 1)) += ns;
    if (count[State::kRunning] > 0) return;
    if (count[State::kRunnable] > 0)
      starved_ns += ns;
    else
      (count[State::kDisk] > 0 ? disk_ns : waiting_ns) += ns;
  }

  void apply(const Event& event) {
    if (event.name == "sched_switch") {
      const std::size_t at = event.details.find("prev_state=") + 11;
      set(number_after(event.details, "prev_pid="), left_state(event.details.substr(at, 2)));
      set(number_after(event.details, "next_pid="), State::kRunning);
      return;
    }
    auto found = states_.find(number_after(event.details, " pid="));
    if (found != states_.end() && found->second != State::kRunning) found->second = State::kRunnable;
  }

  static State left_state(const std::string& state) {
    if (state[0] == 'R') return State::kRunnable;
    if (state[0] == 'X' || state[0] == 'Z') return State::kGone;
    return state[0] == 'D' ? State::kDisk : State::kWaiting;
  }

  void set(std::uint32_t tid, State state) {
    if (auto found = states_.find(tid); found != states_.end()) found->second = state;
  }

  std::map<std::uint32_t, State> states_;
  double last_ns_ = 0;
};

// Some kernels hide from perf what happens in a CPU's idle task; so no CPU is idle, but for those who can tell.
std::vector<std::unique_ptr<Child>> keep_cpus_from_idling() {
  std::vector<std::unique_ptr<Child>> spinners;
  for (unsigned cpu = 0; cpu < std::thread::hardware_concurrency(); ++cpu) {
    spinners.push_back(std::make_unique<Child>(
        Command{"chrt", "--idle", "0", kWorkloads + "spin", "1", "100000", std::to_string(cpu)}));
    spinners.back()->read_line();
  }
  return spinners;
}

struct Recording {
  std::vector<Event> events; // as perf saw them
  Json report;               // ctxray's, of the same run
};

Recording record() {
  const std::vector<std::unique_ptr<Child>> spinners = keep_cpus_from_idling();
  const TempFile data, report_file;
  const std::string trace = "sched:sched_switch,sched:sched_waking,sched:sched_wakeup_new";
  Command command{"perf", "record", "-q", "-a", "-c", "1", "-m", "1024", "-e", trace, "-o", data.path(), "--"};
  const Command traced{kCtxray, "run", "--json", report_file.path(), "-o", "/dev/null", "--"};
  command.insert(command.end(), traced.begin(), traced.end());
  command.insert(command.end(), {kWorkloads + "sync", "mixture", "1"});
  const Finished recorded = run_command(command);
  if (recorded.status != 0) throw std::runtime_error("perf record: " + recorded.err);
  const Finished script = run_command({"perf", "script", "-i", data.path(), "-F", "tid,cpu,time,event,trace", "--ns"});
  return {read_events(script.out), Json::parse(report_file.text())};
}

// Where ctxray's figures and the replay's are further apart than 1 % of the elapsed time; empty if nowhere.
std::string differences(const Recording& recording) {
  const double elapsed = recording.report["elapsed_ns"].get<double>();
  const Json& process = recording.report["processes"][0];
  Replay replay(process);
  replay.run(recording.events, Replay::last_event_of(recording.events, process["pid"].get<std::uint32_t>()) - elapsed);

  std::ostringstream different;
  const auto compare = [&](const std::string& what, double ours, double theirs) {
    if (std::abs(ours - theirs) > 0.01 * elapsed) different << what << ": " << ours << ", perf " << theirs << " ns\n";
  };
  const Json& wall = recording.report["wall"];
  compare("starved", wall["starved_ns"].get<double>(), replay.starved_ns);
  compare("disk", wall["io_ns"].get<double>(), replay.disk_ns);
  compare("other waits", wall["event_ns"].get<double>() + wall["lock_ns"].get<double>() + wall["idle_ns"].get<double>(),
          replay.waiting_ns);
  const Json& running = recording.report["parallelism"]["running_ns"];
  for (std::size_t k = 0; k < running.size(); ++k)
    compare(std::to_string(k) + " threads running", running[k].get<double>(), replay.running_ns.at(k));
  return different.str();
}

// Both stamp an event with a time of their own; a hypervisor that takes the CPU away in between parts them by as long
// as it likes. That passes; an error of ours would be there in each recording.
TEST(Replay, WallClockAndParallelismAreThoseThatPerfSaw) {
  std::string different = "not recorded";
  for (int recordings = 0; recordings < 3 && !different.empty(); ++recordings) {
    const Recording recording = record();
    ASSERT_GT(recording.events.size(), 1000U);
    const Json& wall = recording.report["wall"];
    ASSERT_GT(wall["io_ns"].get<double>() + wall["starved_ns"].get<double>(), 0);
    different = differences(recording);
  }
  EXPECT_EQ(different, "");
}

} // namespace
} // namespace ctxray
