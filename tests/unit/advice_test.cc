// SPDX-License-Identifier: GPL-2.0-or-later
// Bounds and advice for cases whose right change is known.
#include "userspace/advice.h"

#include <gtest/gtest.h>

#include "tests/unit/samples.h"

namespace ctxray {
namespace {

std::vector<Advice> advise_on(const Evidence& evidence, std::uint64_t threads = 1,
                              const std::vector<SiteSample>& sites = {}) {
  const Verdict verdict = judge(evidence);
  const IoModel model = name_io_model(evidence.totals, true);
  const Bounds bounds = bounds_of(evidence);
  return advise({evidence, verdict, model, bounds, threads, sites});
}

void expect_advice(const std::vector<Advice>& advice, const std::string& words) {
  ASSERT_FALSE(advice.empty());
  EXPECT_NE(advice[0].action.find(words), std::string::npos) << advice[0].action;
  EXPECT_FALSE(advice[0].because.empty());
}

TEST(Bounds, AreTheRestOfTheWallClock) {
  const Bounds bounds = bounds_of(evidence(wall_of(25, 0, 75, 0, 0)));
  EXPECT_NEAR(bounds.instant_io, 4, 0.01);
  EXPECT_NEAR(bounds.instant_cpu, 4.0 / 3, 0.01);
  EXPECT_NEAR(bounds.no_lock, 1, 0.01);
  EXPECT_NEAR(bounds_of(evidence(wall_of(50, 50, 0, 0, 0))).enough_cpus, 2, 0.01);
  EXPECT_EQ(bounds_of(evidence(wall_of(0, 0, 100, 0, 0))).instant_io, kMostSpeedup);
}

// While a single thread runs, none is ready beside it.
TEST(Bounds, TheRunQueueCountsOnce) {
  Evidence made = evidence(wall_of(50, 50, 0, 0, 0));
  made.totals.on_cpu_ns = kSecond / 2;
  made.totals.run_queue_ns = kSecond / 2;
  EXPECT_NEAR(bounds_of(made).enough_cpus, 2, 0.01);
  made.totals.run_queue_ns = kSecond; // another one was ready all the time that it ran
  EXPECT_NEAR(bounds_of(made).enough_cpus, 4, 0.01);
}

TEST(Bounds, OneThreadCouldUseAllCpus) {
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0));
  made.cpus = 4;
  EXPECT_NEAR(bounds_of(made).all_cpus, 4, 0.01);
}

TEST(Advice, OneThreadOnManyCpus) {
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0));
  made.cpus = 4;
  expect_advice(advise_on(made), "split the work over up to 4");
}

TEST(Advice, NoCpusWhereOthersUseThem) {
  Evidence made = evidence(wall_of(76, 24, 0, 0, 0));
  made.totals.on_cpu_ns = 76 * kSecond / 100;
  made.totals.run_queue_ns = 24 * kSecond / 100;
  made.cpus = 2;
  expect_advice(advise_on(made), "give it CPUs");
}

// For others that use a CPU now and then, the turns are there all the same.
TEST(Advice, WhoTakesTurnsIsToldSoBesideOthers) {
  Evidence made = evidence(wall_of(85, 15, 0, 0, 0));
  made.cpus = 2;
  made.busy_threads = 4;
  made.busiest_ns = kSecond / 4;
  made.totals.on_cpu_ns = 85 * kSecond / 100;
  made.totals.waits[static_cast<std::size_t>(Reason::kParked)].total_ns = 3 * kSecond;
  expect_advice(advise_on(made), "let its threads run at once");
}

TEST(Advice, TooManyThreads) {
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0));
  made.totals.run_queue_ns = 7 * kSecond;
  made.totals.involuntary = 50'000;
  expect_advice(advise_on(made), "no more threads");
}

TEST(Advice, Starved) { expect_advice(advise_on(evidence(wall_of(50, 50, 0, 0, 0))), "give it CPUs"); }

TEST(Advice, SequentialIo) {
  SiteSample site;
  site.reason = Reason::kDisk;
  site.syscall = 0;
  site.object = 3;
  site.count = 7;
  site.total_ns = 100;
  site.file = {FileKind::kRegular, 1, false, false, false, 0, 0, 0, {}, {}, "/data"};
  const std::vector<Advice> advice = advise_on(evidence(wall_of(20, 0, 80, 0, 0)), 1, {site});
  expect_advice(advice, "several requests in flight");
  EXPECT_NE(advice[0].because.find("read fd 3: /data"), std::string::npos) << advice[0].because;
  EXPECT_NEAR(advice[0].gain_max, 5, 0.01);
}

TEST(Advice, ManyThreadsBlockedOneByOne) {
  Totals totals;
  totals.lifetime_ns = 32 * kSecond;
  set_wait(totals, Reason::kNetwork, 10'000, 31 * kSecond);
  const std::vector<Advice> advice = advise_on(evidence(wall_of(10, 0, 90, 0, 0), totals), 32);
  bool multiplex = false;
  for (const Advice& one : advice) multiplex |= one.action.find("epoll, io_uring or coroutines") != std::string::npos;
  EXPECT_TRUE(multiplex);
}

TEST(Advice, EagainStorm) {
  Totals totals;
  totals.lifetime_ns = kSecond;
  totals.calls.all = totals.calls.would_block = 1'000'000;
  expect_advice(advise_on(evidence(wall_of(100, 0, 0, 0, 0), totals)), "wait with epoll");
}

TEST(Advice, Locks) {
  Totals totals;
  totals.on_cpu_ns = kSecond;
  set_wait(totals, Reason::kLock, 1'000, 3 * kSecond);
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0), totals);
  made.cpus = 4;
  expect_advice(advise_on(made), "shard the lock");
}

TEST(Advice, SmallTransfers) {
  Totals totals;
  totals.lifetime_ns = kSecond;
  totals.calls.all = totals.calls.transfers[0] = 500'000;
  totals.calls.bytes[0] = 32'000'000;
  expect_advice(advise_on(evidence(wall_of(100, 0, 0, 0, 0), totals)), "move more with each call");
}

TEST(Advice, HandingOver) {
  Totals totals;
  set_wait(totals, Reason::kParked, 1'000, 400'000'000);
  totals.on_cpu_ns = 400'000'000;
  totals.run_queue_ns = totals.wakeup_latency_ns = 600'000'000;
  totals.voluntary = 1'000;
  expect_advice(advise_on(evidence(wall_of(40, 60, 0, 0, 0), totals)), "hand over more work at a time");
}

TEST(Advice, NothingToChange) {
  expect_advice(advise_on(evidence(wall_of(0, 0, 0, 0, 0))), "nothing to change: it has nothing to do");
  expect_advice(advise_on(evidence(wall_of(100, 0, 0, 0, 0))), "nothing to change in how it runs");
}

TEST(Advice, NeverWithoutAFigure) {
  for (const Wall& wall : {wall_of(100, 0, 0, 0, 0), wall_of(30, 0, 70, 0, 0), wall_of(30, 40, 0, 0, 30), Wall{}})
    for (const Advice& one : advise_on(evidence(wall)))
      EXPECT_NE(one.because.find_first_of("0123456789"), std::string::npos) << one.because;
}

} // namespace
} // namespace ctxray
