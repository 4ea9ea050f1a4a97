// SPDX-License-Identifier: GPL-2.0-or-later
// Counts and times against the kernel's own, by sandwich: its figure, ours, its figure again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/root/support.h"

namespace ctxray {
namespace {

// What the kernel told the parent of a process at its end.
struct LastWords {
  std::uint32_t pid = 0;
  double voluntary = 0;
  double involuntary = 0;
  double cpu_us = 0;
};

LastWords parse(const std::string& output) {
  LastWords words;
  std::istringstream(output) >> words.pid >> words.voluntary >> words.involuntary >> words.cpu_us;
  return words;
}

// What a hypervisor has taken from all CPUs so far, as /proc/stat tells it in ticks.
double stolen_us() {
  std::ifstream stat("/proc/stat");
  std::string cpu;
  double ticks = 0;
  stat >> cpu;
  for (int field = 0; field < 8; ++field) stat >> ticks; // the eighth is `steal`
  return ticks * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Returns how far the CPU times are apart, as a part of them. With CONFIG_PARAVIRT_TIME_ACCOUNTING the kernel leaves
// out of its own what a hypervisor took (update_rq_clock_task in kernel/sched/core.c), which is on a CPU to us.
double compare_with_rusage(const Command& workload) {
  Command rest = {"--"};
  rest.insert(rest.end(), workload.begin(), workload.end());
  const double stolen_before = stolen_us();
  const JsonRun run = ctxray_json("run", rest);
  const double stolen = stolen_us() - stolen_before;
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  const LastWords kernel = parse(run.finished.out);
  const Json& process = process_of(run.report, kernel.pid);
  EXPECT_NEAR(process["switches"]["voluntary"].get<double>(), kernel.voluntary, 3);
  EXPECT_NEAR(process["switches"]["involuntary"].get<double>(), kernel.involuntary, 3);
  expect_invariants(run.report);
  const double more_us = process["time"]["on_cpu_ns"].get<double>() / 1e3 - kernel.cpu_us;
  return std::abs(more_us > 0 ? std::max(0.0, more_us - stolen) : more_us) / kernel.cpu_us;
}

// Counts in each run; times in the best of some, since ticks are coarse.
void expect_equals_rusage(const Command& workload) {
  double apart = 1;
  for (int runs = 0; runs < 3 && apart > 0.01; ++runs) apart = compare_with_rusage(workload);
  EXPECT_LE(apart, 0.01);
}

TEST(Exact, LaunchedProgramEqualsItsRusage) { expect_equals_rusage({kWorkloads + "pingpong", "1", "0.5"}); }

TEST(Exact, LaunchedProgramOnAllCpusEqualsItsRusage) { expect_equals_rusage({kWorkloads + "pingpong", "8", "1"}); }

// Each figure of ours lies between what the kernel said just before and just after.
void expect_equals_proc(Tracer& tracer) {
  Child workload({kWorkloads + "pingpong", "2", "600"});
  const pid_t player = std::stoi(workload.read_line());
  ASSERT_GT(tracer.seed({static_cast<std::uint32_t>(player)}), 0U);

  const KernelFigures before_first = kernel_figures(player);
  const Totals first = tracer.read().totals;
  const KernelFigures after_first = kernel_figures(player);
  while (kernel_figures(player).voluntary < after_first.voluntary + 200'000) usleep(10'000);
  const KernelFigures before_last = kernel_figures(player);
  const Sample last = tracer.read();
  const KernelFigures after_last = kernel_figures(player);

  const auto expect_between = [&](std::uint64_t KernelFigures::*figure, std::uint64_t ours, double tolerance) {
    const auto least = static_cast<double>(before_last.*figure - after_first.*figure);
    const auto most = static_cast<double>(after_last.*figure - before_first.*figure);
    EXPECT_GE(static_cast<double>(ours), least - tolerance);
    EXPECT_LE(static_cast<double>(ours), most + tolerance);
  };
  expect_between(&KernelFigures::voluntary, last.totals.voluntary - first.voluntary, 0);
  expect_between(&KernelFigures::involuntary, last.totals.involuntary - first.involuntary, 0);
  const auto switched_in = [](const Totals& totals) {
    return totals.switch_process + totals.switch_thread + totals.switch_resume;
  };
  expect_between(&KernelFigures::timeslices, switched_in(last.totals) - switched_in(first), 0);
  // The kernel updates these at ticks and switches, ours are up to the moment: 1 % and a tick for each thread.
  const double ticks = 5 * 4e6;
  expect_between(&KernelFigures::run_ns, last.totals.on_cpu_ns - first.on_cpu_ns,
                 ticks + static_cast<double>(last.totals.on_cpu_ns) / 100);
  // Ours begins when a waker begins and ends when the switch is made; the kernel queues a little later and takes the
  // time of the switch a little earlier: parts of a switch, and these processes do nothing but switch.
  const double skew = 0.25 * static_cast<double>(last.totals.on_cpu_ns - first.on_cpu_ns);
  expect_between(&KernelFigures::run_queue_ns, last.totals.run_queue_ns - first.run_queue_ns, ticks + skew);
  expect_invariants(last);
}

TEST(Exact, AttachedProgramEqualsProc) {
  Tracer tracer = make_tracer();
  expect_equals_proc(tracer);
}

// As before 6.2: what an address points to is copied by a helper.
TEST(Exact, SoItDoesWhereTheKernelHasNoCasts) {
  KernelFacts facts = read_kernel_facts("");
  facts.features.erase("function:bpf_rdonly_cast");
  Tracer tracer(make_plan(facts, {}), facts, "", false);
  expect_equals_proc(tracer);
}

TEST(Exact, SwitchesInAndOutBelongTogether) {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + "pingpong", "2", "0.5"});
  const Json& switches = run.report["switches"];
  const auto in = switches["process"].get<std::int64_t>() + switches["thread"].get<std::int64_t>() +
                  switches["resume"].get<std::int64_t>();
  const auto out = switches["voluntary"].get<std::int64_t>() + switches["involuntary"].get<std::int64_t>();
  // Every thread comes once more than it leaves: its last switch ends it. Few others are in no figure of the kernel's.
  const auto threads = run.report["target"]["threads_seen"].get<std::int64_t>();
  EXPECT_GE(in, out + threads);
  EXPECT_LE(in, out + 3 * threads);
}

TEST(Exact, SystemCallsAreCountedByNumberAndOutcome) {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + "calls", "1000"});
  const auto call = [&](const std::string& name) {
    for (const Json& entry : run.report["syscalls"])
      if (entry["name"] == name) return entry;
    return Json();
  };
  EXPECT_EQ(call("getppid")["count"], 1'000);
  EXPECT_EQ(call("getppid")["errors"], 0);
  EXPECT_EQ(call("read")["eagain"], 1'000);
  EXPECT_EQ(call("close")["errors"], 1'000);
  EXPECT_EQ(call("close")["eagain"], 0);
}

} // namespace
} // namespace ctxray
