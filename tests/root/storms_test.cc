// SPDX-License-Identifier: GPL-2.0-or-later
// Storms of processes, threads and execs: every switch and every call of theirs is counted all the same.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "probes/launch.h"
#include "probes/proc_text.h"
#include "tests/root/faults.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

std::uint64_t calls_of(const Json& report, const std::string& name) {
  for (const Json& call : report["syscalls"])
    if (call["name"] == name) return call["count"];
  return 0;
}

// All but the storm's parent, which nobody tells about.
double switches(const Json& report, const Storm& storm, const char* kind) {
  return report["switches"][kind].get<double>() - process_of(report, storm.parent)["switches"][kind].get<double>();
}

void expect_nothing_missed(const Json& report) {
  EXPECT_EQ(report["loss"]["dropped"], 0);
  EXPECT_EQ(report["loss"]["unseeded"], 0);
  EXPECT_EQ(report["loss"]["recursion_misses"], 0);
  const Json& time = report["time"];
  EXPECT_EQ(time["on_cpu_ns"].get<std::uint64_t>() + time["run_queue_ns"].get<std::uint64_t>() +
                time["blocked_ns"].get<std::uint64_t>(),
            time["lifetime_ns"].get<std::uint64_t>());
}

void expect_counted(const Json& report, const Storm& storm, double last = 0) {
  const double voluntary = switches(report, storm, "voluntary"), involuntary = switches(report, storm, "involuntary");
  expect_between(storm, voluntary, involuntary, 3, last);
  expect_nothing_missed(report);
  reached("switches by each one's own account", storm.voluntary + storm.involuntary);
  reached("switches by the report", voluntary + involuntary);
  reached("switches by the kernel's last account", storm.most.voluntary + storm.most.involuntary);
  reached("processes not told apart", report["loss"]["map_full"].get<double>());
}

struct Raged {
  Storm storm;
  Json report;
};

Raged rage(const Command& command, double last = 0) {
  Command rest = {"--"};
  rest.insert(rest.end(), command.begin(), command.end());
  const JsonRun run = ctxray_json("run", rest);
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  Raged raged = {parse_storm(run.finished.out), run.report};
  expect_counted(raged.report, raged.storm, last);
  return raged;
}

TEST(Storms, OfForks) {
  const int count = size_of(3'000, 100'000);
  const Raged raged = rage({kWorkloads + "storm", "forks", std::to_string(count)});
  EXPECT_EQ(raged.storm.ends, count + 1);
  EXPECT_EQ(raged.report["target"]["processes_seen"], count + 2);
  EXPECT_EQ(raged.report["target"]["threads_seen"], count + 2);
  EXPECT_EQ(calls_of(raged.report, "clone"), count + 1); // of forks, once in each parent
  reached("processes", count);
}

TEST(Storms, OfExecs) {
  const int count = size_of(200, 5'000);
  const Raged raged = rage({kWorkloads + "storm", "execs", std::to_string(count)});
  EXPECT_EQ(raged.report["target"]["processes_seen"], count + 2);
  EXPECT_EQ(calls_of(raged.report, "execve"), count + 1); // the first made the parent
  reached("processes", count);
}

// Every other time by a thread that is not the first, which dies of that and is then counted in by the kernel.
TEST(Storms, OfExecsByOneProcess) {
  const int by_threads = size_of(100, 2'500), count = 2 * by_threads;
  const Raged raged = rage({kWorkloads + "storm", "chain", std::to_string(count)}, by_threads);
  EXPECT_EQ(raged.report["target"]["processes_seen"], 2);
  EXPECT_EQ(raged.report["target"]["threads_seen"], 2 + by_threads);
  EXPECT_EQ(calls_of(raged.report, "execve"), count + 1);
  reached("execs", count);
}

TEST(Storms, OfProcessesThatEndAtOnce) {
  constexpr int kCount = 1'000;
  const Raged raged = rage({kWorkloads + "storm", "at-once", std::to_string(kCount)});
  EXPECT_EQ(raged.report["target"]["processes_seen"], kCount + 2);
  EXPECT_EQ(raged.report["loss"]["map_full"], 0);
  reached("processes", kCount);
}

// What has ended is neither forgotten nor counted twice by a reader in the midst of it.
TEST(Storms, SamplesInTheMidstOfThemNeverFall) {
  const TempFile output;
  Launch launch({"sh", "-c", "exec " + kWorkloads + "storm forks 5000 >" + output.path()}, "", nullptr);
  Tracer tracer = make_tracer();
  const auto pid = static_cast<std::uint32_t>(launch.pid());
  tracer.arm(pid);
  launch.release();
  Sample before = tracer.read();
  int samples = 0;
  for (; !launch.ended(); ++samples) {
    Sample now = tracer.read();
    EXPECT_GE(now.totals.voluntary, before.totals.voluntary);
    EXPECT_GE(now.totals.involuntary, before.totals.involuntary);
    EXPECT_GE(now.totals.on_cpu_ns, before.totals.on_cpu_ns);
    EXPECT_GE(now.totals.lifetime_ns, before.totals.lifetime_ns);
    before = std::move(now);
  }
  tracer.await_end(pid);
  const Sample last = tracer.read();
  EXPECT_GE(last.totals.on_cpu_ns, before.totals.on_cpu_ns);
  const Storm storm = parse_storm(output.text());
  expect_between(storm, static_cast<double>(last.totals.voluntary), static_cast<double>(last.totals.involuntary), 100);
  expect_invariants(last);
  reached("samples", samples);
}

// What this machine has numbers for, beside all that runs.
int most_threads(int wanted) {
  const int pids = std::stoi(read_file("/proc/sys/kernel/pid_max"));
  const int tasks = std::stoi(read_file("/proc/sys/kernel/threads-max"));
  return std::min(wanted, std::min(pids, tasks) - 4'000);
}

TEST(Storms, OfThreads) {
  const int count = most_threads(size_of(2'000, 20'000));
  const Raged raged = rage({kWorkloads + "storm", "threads", std::to_string(count)});
  EXPECT_EQ(raged.report["target"]["processes_seen"], 2);
  EXPECT_EQ(raged.report["target"]["threads_seen"], count + 2);
  reached("threads at a time", count);
}

// Within a pid namespace, where numbers are given out as the workload likes.
TEST(Storms, OfProcessesWithTheSameNumber) {
  const int count = size_of(200, 5'000);
  const TempFile json;
  const Finished finished = run_command({"unshare", "--pid", "--fork", "--mount-proc", kCtxray, "run", "--json",
                                         json.path(), "--", kWorkloads + "storm", "reuse", std::to_string(count)});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json report = Json::parse(json.text(), nullptr, false);
  const Storm storm = parse_storm(finished.out);
  expect_counted(report, storm);
  EXPECT_EQ(report["target"]["processes_seen"], count + 2);
  int alike = 0;
  for (const Json& process : report["processes"]) alike += process["pid"] == 1000 ? 1 : 0;
  EXPECT_EQ(alike, count > 1'000 ? alike : count);
  reached("processes with one number", count);
}

// A target has ended, another process gets its number, and then a new target is looked for among all processes.
TEST(Storms, ANumberThatIsGivenAgainIsNoTarget) {
  const TempFile json, script;
  const std::string victim = script.path() + ".victim", lines = script.path() + ".lines";
  std::ofstream(script.path()) << "cp /bin/sleep " << victim << "\n"
                               << victim << " 601 & " << victim << " 602 & gone=$!\n"
                               << kCtxray << " attach -n " << fs::path(victim).filename().string()
                               << " --interval 0.05 --json " << json.path() << " >" << lines << " & tracer=$!\n"
                               << "more_lines() { most=$(($(wc -l <" << lines << ") + 3))\n"
                               << "  until [ $(wc -l <" << lines << ") -ge $most ]; do sleep 0.02; done; }\n"
                               << "more_lines; kill $gone; wait $gone; more_lines\n"
                               << "echo $((gone - 1)) >/proc/sys/kernel/ns_last_pid\n"
                               << "sleep 603 & [ $! = $gone ] || exit 9\n"
                               << victim << " 604 & more_lines; kill -TERM $tracer; wait $tracer\n"
                               << "rm " << victim << " " << lines << "\n";
  const Finished finished = run_command({"unshare", "--pid", "--fork", "--mount-proc", "sh", script.path()});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json report = Json::parse(json.text(), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_EQ(report["target"]["processes_seen"], 3);
  for (const Json& process : report["processes"]) EXPECT_NE(process["comm"], "sleep");
}

// In numbers of the reader's namespace.
TEST(Storms, InAPidNamespace) {
  Child apart({"unshare", "--pid", "--fork", kWorkloads + "pingpong", "2", "600"});
  EXPECT_EQ(apart.read_line(), "2"); // in the namespace
  const auto child_of = [](std::uint32_t parent) {
    for (const auto& entry : fs::directory_iterator("/proc"))
      if (const auto stat = parse_stat(read_file(entry.path() / "stat")); stat && stat->ppid == parent)
        return *parse_pid(entry.path().filename().string());
    throw std::runtime_error("no child");
  };
  const std::uint32_t player = child_of(child_of(apart.id()));
  Tracer tracer = make_tracer();
  EXPECT_EQ(tracer.seed({apart.id()}), 7U);
  const KernelFigures before_first = kernel_figures(static_cast<pid_t>(player));
  const Totals first = process_of(tracer.read(), player).totals;
  const KernelFigures after_first = kernel_figures(static_cast<pid_t>(player));
  while (kernel_figures(static_cast<pid_t>(player)).voluntary < after_first.voluntary + 50'000) usleep(10'000);
  const KernelFigures before_last = kernel_figures(static_cast<pid_t>(player));
  const Sample sample = tracer.read();
  const KernelFigures after_last = kernel_figures(static_cast<pid_t>(player));
  const Totals last = process_of(sample, player).totals;
  EXPECT_GE(last.voluntary - first.voluntary, before_last.voluntary - after_first.voluntary);
  EXPECT_LE(last.voluntary - first.voluntary, after_last.voluntary - before_first.voluntary);
  EXPECT_GE(last.involuntary - first.involuntary, before_last.involuntary - after_first.involuntary);
  EXPECT_LE(last.involuntary - first.involuntary, after_last.involuntary - before_first.involuntary);
  expect_invariants(sample);
  reached("switches", static_cast<double>(last.voluntary + last.involuntary - first.voluntary - first.involuntary));
}

} // namespace
} // namespace ctxray
