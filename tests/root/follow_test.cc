// SPDX-License-Identifier: GPL-2.0-or-later
// Who is accounted: seeding of what runs already, forks, execs, names, single threads, cgroups.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/root/support.h"

namespace ctxray {
namespace {

TEST(Follow, ThreadsThatNeverRunShowWithReasonAndTime) {
  constexpr std::size_t kThreads = 1'000;
  Child child({kWorkloads + "sleepers", std::to_string(kThreads)});
  child.read_line();
  Tracer tracer = make_tracer();
  EXPECT_EQ(tracer.seed({child.id()}), kThreads);
  const Sample sample = tracer.read();
  const ProcessSample& process = process_of(sample, child.id());
  ASSERT_EQ(process.threads.size(), kThreads);
  for (const ThreadSample& thread : process.threads) {
    EXPECT_EQ(thread.reason, Reason::kSleep) << thread.tid;
    EXPECT_EQ(thread.totals.wait(Reason::kSleep).count, 1U);
    EXPECT_EQ(thread.totals.wait(Reason::kSleep).total_ns, thread.totals.lifetime_ns);
    EXPECT_GT(thread.totals.lifetime_ns, 0U);
  }
  expect_invariants(sample);
}

TEST(Follow, SeedingAgainAddsNothing) {
  Child child({kWorkloads + "sleepers", "10"});
  child.read_line();
  Tracer tracer = make_tracer();
  EXPECT_EQ(tracer.seed({child.id()}), 10U);
  EXPECT_EQ(tracer.seed({child.id()}), 0U);
}

TEST(Follow, ATidStandsForThatThreadAlone) {
  Child child({kWorkloads + "sleepers", "5"});
  child.read_line();
  std::uint32_t tid = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(child.pid()) + "/task"))
    tid = std::max(tid, static_cast<std::uint32_t>(std::stoul(entry.path().filename())));
  Tracer tracer = make_tracer();
  EXPECT_EQ(tracer.seed({tid}), 1U);
  const Sample sample = tracer.read();
  ASSERT_EQ(process_of(sample, child.id()).threads.size(), 1U);
  EXPECT_EQ(process_of(sample, child.id()).threads[0].tid, tid);
}

TEST(Follow, TotalsOutliveThreadsAndProcesses) {
  const JsonRun run = ctxray_json("run", {"--", "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 0.01; done"});
  EXPECT_EQ(run.report["target"]["processes_seen"], 9);
  std::size_t sleeps = 0;
  for (const Json& process : run.report["processes"]) sleeps += process["comm"] == "sleep" ? 1 : 0;
  EXPECT_EQ(sleeps, 8U);
  std::uint64_t slept_ns = 0;
  for (const Json& wait : run.report["waits"])
    if (wait["reason"] == "sleep") slept_ns = wait["total_ns"].get<std::uint64_t>();
  EXPECT_GE(slept_ns, 8 * 10'000'000U);
  expect_invariants(run.report);
}

TEST(Follow, EndedThreadsKeepALineOfTheirOwn) {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + "spin", "3", "0.1"});
  ASSERT_EQ(run.report["processes"].size(), 1U);
  EXPECT_EQ(run.report["processes"][0]["threads"].size(), 3U);
  expect_invariants(run.report);
}

TEST(Follow, NamesAreThoseAfterExec) {
  const JsonRun run = ctxray_json("run", {"--", "sh", "-c", "exec sleep 0.05"});
  ASSERT_EQ(run.report["processes"].size(), 1U);
  EXPECT_EQ(run.report["processes"][0]["comm"], "sleep");
  EXPECT_EQ(run.report["processes"][0]["command"], "sleep 0.05");
}

TEST(Follow, ExistingChildrenBelongToTheTarget) {
  Child shell({"sh", "-c", "sleep 600 & echo ready; wait"});
  shell.read_line();
  Tracer tracer = make_tracer();
  EXPECT_EQ(tracer.seed({shell.id()}), 2U);
}

TEST(Follow, NoFollowLeavesChildrenOut) {
  Child shell({"sh", "-c", "sleep 600 & echo ready; wait"});
  shell.read_line();
  Tracer tracer = make_tracer(false, false);
  EXPECT_EQ(tracer.seed({shell.id()}), 1U);
}

TEST(Follow, MoreProcessesThanRecordsAreStillCounted) {
  Plan plan = make_plan(read_kernel_facts(""), {});
  plan.slots = 4;
  Tracer tracer(plan, read_kernel_facts(""), "", false);
  Child many({"sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 600 & done; echo ready; wait"});
  many.read_line();
  EXPECT_EQ(tracer.seed({many.id()}), 9U);
  const Sample sample = tracer.read();
  EXPECT_EQ(sample.processes_seen, 9U);
  EXPECT_GT(sample.loss.map_full, 0U);
  std::size_t threads = 0;
  for (const ProcessSample& process : sample.processes) threads += process.threads.size();
  EXPECT_EQ(threads, 9U);
  EXPECT_EQ(sample.totals.on_cpu_ns + sample.totals.run_queue_ns + sample.totals.blocked_ns(),
            sample.totals.lifetime_ns);
}

TEST(Follow, AttachByName) {
  Child child({kWorkloads + "sleepers", "3"});
  child.read_line();
  const JsonRun run = ctxray_json("attach", {"-n", "sleepers", "-d", "0.05"});
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  EXPECT_EQ(process_of(run.report, child.id())["threads"].size(), 3U);
}

TEST(Follow, AttachByCgroup) {
  const std::string path = "/sys/fs/cgroup/unified/ctxray-test";
  const std::string v2 = "/sys/fs/cgroup/ctxray-test";
  const std::string group = std::filesystem::exists("/sys/fs/cgroup/unified") ? path : v2;
  std::filesystem::create_directories(group);
  {
    Child child({kWorkloads + "sleepers", "3"});
    child.read_line();
    std::ofstream(group + "/cgroup.procs") << child.pid() << std::endl;
    const JsonRun run = ctxray_json("attach", {"--cgroup", group, "-d", "0.05"});
    EXPECT_EQ(run.finished.status, 0) << run.finished.err;
    EXPECT_EQ(process_of(run.report, child.id())["threads"].size(), 3U);
  }
  std::filesystem::remove(group);
}

TEST(Follow, TheWholeMachineIncludesKernelThreads) {
  const JsonRun run = ctxray_json("attach", {"--all", "-d", "0.05"});
  EXPECT_EQ(run.report["target"]["kind"], "system");
  EXPECT_EQ(process_of(run.report, 2)["comm"], "kthreadd");
  expect_invariants(run.report);
}

} // namespace
} // namespace ctxray
