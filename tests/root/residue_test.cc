// SPDX-License-Identifier: GPL-2.0-or-later
// What ctxray leaves behind however it ends, and what it sees when it is not alone or was stopped for long.
#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <sstream>

#include "probes/fd.h"
#include "tests/root/faults.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

// Numbers of programs, maps and links, which the kernel does not give twice in a test's time.
struct Objects {
  std::set<std::uint32_t> programs;
  std::set<std::uint32_t> maps;
  std::set<std::uint32_t> links;

  [[nodiscard]] std::size_t size() const { return programs.size() + maps.size() + links.size(); }
};

std::set<std::uint32_t> numbers(int (*next)(__u32, __u32*)) {
  std::set<std::uint32_t> all;
  for (__u32 id = 0; next(id, &id) == 0;) all.insert(id);
  return all;
}

// Of everybody on this machine.
Objects all_objects() {
  return {numbers(bpf_prog_get_next_id), numbers(bpf_map_get_next_id), numbers(bpf_link_get_next_id)};
}

// Those of which a process holds descriptors. It may end meanwhile.
void add_held(pid_t pid, Objects& held) {
  std::error_code error;
  for (fs::directory_iterator at("/proc/" + std::to_string(pid) + "/fdinfo", error), end; !error && at != end;
       at.increment(error)) {
    std::istringstream words(read_file(at->path()));
    for (std::string key; words >> key;) {
      std::uint32_t id = 0;
      if (key == "prog_id:" && words >> id) held.programs.insert(id);
      if (key == "map_id:" && words >> id) held.maps.insert(id);
      if (key == "link_id:" && words >> id) held.links.insert(id);
    }
  }
}

void keep_those_in(std::set<std::uint32_t>& ids, const std::set<std::uint32_t>& others, bool in) {
  for (auto at = ids.begin(); at != ids.end();) at = (others.count(*at) > 0) == in ? std::next(at) : ids.erase(at);
}

// New since `before` and held by no process: nobody would ever remove it.
Objects orphans_since(const Objects& before) {
  Objects orphans = all_objects();
  keep_those_in(orphans.programs, before.programs, false);
  keep_those_in(orphans.maps, before.maps, false);
  keep_those_in(orphans.links, before.links, false);
  if (orphans.size() == 0) return orphans;
  Objects held;
  for (const auto& entry : fs::directory_iterator("/proc"))
    if (const int pid = std::atoi(entry.path().filename().c_str()); pid > 0) add_held(pid, held);
  keep_those_in(orphans.programs, held.programs, false);
  keep_those_in(orphans.maps, held.maps, false);
  keep_those_in(orphans.links, held.links, false);
  return orphans;
}

// The kernel frees them after a grace period; others on the machine may come and go meanwhile.
void expect_no_orphans(const Objects& before) {
  Objects orphans;
  eventually([&] { return (orphans = orphans_since(before)).size() == 0; });
  EXPECT_EQ(orphans.programs.size(), 0U);
  EXPECT_EQ(orphans.maps.size(), 0U);
  EXPECT_EQ(orphans.links.size(), 0U);
}

void expect_gone(const Objects& ours) {
  const auto left = [&ours] {
    Objects rest = all_objects();
    keep_those_in(rest.programs, ours.programs, true);
    keep_those_in(rest.maps, ours.maps, true);
    keep_those_in(rest.links, ours.links, true);
    return rest.size();
  };
  eventually([&] { return left() == 0; });
  EXPECT_EQ(left(), 0U);
}

// A target that must go on whatever becomes of ctxray.
class Player {
 public:
  Player() : pid_(std::stoi(child_.read_line())) {}

  [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
  void expect_goes_on() const {
    const std::uint64_t before = kernel_figures(pid_).voluntary;
    eventually([&] { return kernel_figures(pid_).voluntary > before; });
    EXPECT_GT(kernel_figures(pid_).voluntary, before);
  }

 private:
  Child child_{{kWorkloads + "pingpong", "1", "6000"}};
  pid_t pid_;
};

void read_until_attached(Child& ctxray) {
  for (int line = 0; line < 3; ++line) ctxray.read_line(); // two titles, then the first interval
}

TEST(Residue, KillLeavesTheTargetAndNothingElse) {
  const Player player;
  const Objects before = all_objects();
  Child ctxray({kCtxray, "attach", "-p", player.pid(), "--interval", "0.05"});
  read_until_attached(ctxray);
  Objects ours;
  add_held(ctxray.pid(), ours);
  EXPECT_GT(ours.programs.size(), 5U);
  EXPECT_GT(ours.maps.size(), 5U);
  EXPECT_GT(ours.links.size(), 5U);
  ctxray.send(SIGKILL);
  ctxray.wait();
  expect_gone(ours);
  expect_no_orphans(before);
  player.expect_goes_on();
}

TEST(Residue, KillsAtRandomMomentsLeaveNothing) {
  const int kills = size_of(50, 1'000);
  const Player player;
  const Objects before = all_objects();
  std::mt19937 random(20'26); // the moments are random enough
  std::uniform_int_distribution<useconds_t> moment(0, 250'000);
  int ended = 0;
  for (int i = 0; i < kills; ++i) {
    std::optional<Child> ctxray;
    if (i % 2 == 0)
      ctxray.emplace(Command{kCtxray, "attach", "-p", player.pid(), "--interval", "0.01"});
    else
      ctxray.emplace(Command{kCtxray, "run", "--", kWorkloads + "sleepers", "20"});
    usleep(moment(random));
    const pid_t group = ctxray->pid();
    ctxray->send(SIGKILL);
    ended += WIFSIGNALED(ctxray->wait()) ? 1 : 0;
    kill(-group, SIGKILL); // the launched command
    if (i % 50 == 49) player.expect_goes_on();
  }
  expect_no_orphans(before);
  player.expect_goes_on();
  EXPECT_EQ(ended, kills);
  reached("kills", kills);
}

// A launched command does not need ctxray any more once it runs, and does not run without its word.
TEST(Residue, AKilledRunLeavesItsCommandAlone) {
  const TempFile witness;
  Child ctxray({kCtxray, "run", "--", "sh", "-c", "echo ready; sleep 0.2; echo whole >" + witness.path()});
  EXPECT_EQ(ctxray.read_line(), "ready");
  ctxray.send(SIGKILL);
  const std::string rest = ctxray.read_line(); // ends when the command has
  EXPECT_EQ(witness.text(), "whole\n");
}

TEST(Residue, EveryEndLeavesNothing) {
  const Player player;
  const Objects before = all_objects();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGSEGV, SIGABRT}) {
    Child ctxray({kCtxray, "attach", "-p", player.pid(), "--interval", "0.02"});
    read_until_attached(ctxray);
    ctxray.send(signal);
    ctxray.wait();
  }
  expect_no_orphans(before);
  player.expect_goes_on();
}

// Each of them sees all of it, and a tool of bcc on the same events does not harm.
TEST(Residue, OthersAtTheSameTimeChangeNoCount) {
  Child tool({"runqlat", "1"});
  Child machine({kCtxray, "attach", "--all", "--interval", "0.05", "-d", "600"});
  read_until_attached(machine);
  Objects of_tool;
  eventually([&] {
    add_held(tool.pid(), of_tool);
    return !of_tool.links.empty();
  });
  EXPECT_FALSE(of_tool.programs.empty());
  const TempFile outer, inner;
  const Finished finished = run_command({kCtxray, "run", "--json", outer.path(), "--", kCtxray, "run", "--json",
                                         inner.path(), "--", kWorkloads + "pingpong", "4", "1"});
  expect_equals_last_words({finished, Json::parse(outer.text())});
  expect_equals_last_words({finished, Json::parse(inner.text())});
  EXPECT_TRUE(tool.alive());
  EXPECT_TRUE(machine.alive());
  reached("observers of the same program", 4);
}

// Stopped while a storm makes more processes than it has records for, it has their sums all the same.
TEST(Residue, AStopOfCtxrayLosesNoCount) {
  const int count = size_of(5'000, 100'000), seconds = size_of(1, 60);
  const TempFile json;
  Child ctxray(
      {kCtxray, "run", "--json", json.path(), "--", "sh", "-c",
       "echo ready; until read -r pid name state rest </proc/$PPID/stat && [ $state = T ]; do :; done; sleep " +
           std::to_string(seconds) + "; " + kWorkloads + "storm forks " + std::to_string(count) + "; true"});
  EXPECT_EQ(ctxray.read_line(), "ready");
  ctxray.send(SIGSTOP);
  const Storm storm = parse_storm(ctxray.read_line());
  ctxray.send(SIGCONT);
  ASSERT_EQ(ctxray.wait(), 0);
  const Json report = Json::parse(json.text(), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_EQ(report["target"]["processes_seen"], count + 4);
  EXPECT_EQ(report["loss"]["dropped"], 0);
  EXPECT_EQ(report["loss"]["unseeded"], 0);
  EXPECT_EQ(report["loss"]["recursion_misses"], 0);
  EXPECT_GT(report["loss"]["map_full"], count / 4); // shown, not passed over
  Json rest = report["switches"];
  std::set<std::string> known; // the shell and the storm's parent, which ended last
  for (const Json& process : report["processes"])
    if (process["comm"] == "sh" || process["comm"] == "sleep" || process["pid"] == storm.parent) {
      known.insert(process["comm"].get<std::string>());
      for (const char* kind : {"voluntary", "involuntary"})
        rest[kind] = rest[kind].get<double>() - process["switches"][kind].get<double>();
    }
  EXPECT_EQ(known.count("sh") + known.count("storm"), 2U);
  expect_between(storm, rest["voluntary"].get<double>(), rest["involuntary"].get<double>(),
                 100); // sleep, if it was forgotten
  reached("seconds stopped", seconds);
  reached("processes meanwhile", count);
  reached("of them not told apart", report["loss"]["map_full"].get<double>());
}

} // namespace
} // namespace ctxray
