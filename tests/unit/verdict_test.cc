// SPDX-License-Identifier: GPL-2.0-or-later
// The verdict for wall clocks whose answer is known.
#include "userspace/verdict.h"

#include <gtest/gtest.h>

#include "tests/unit/samples.h"

namespace ctxray {
namespace {

VerdictClass class_of(const Wall& wall, const Totals& totals = {}) {
  return judge(evidence(wall, totals)).verdict_class;
}

TEST(Verdict, NamesTheDominantState) {
  EXPECT_EQ(class_of(wall_of(97, 1, 1, 0, 0)), VerdictClass::kCpuBound);
  EXPECT_EQ(class_of(wall_of(20, 2, 75, 0, 0)), VerdictClass::kIoBound);
  EXPECT_EQ(class_of(wall_of(10, 0, 0, 0, 80)), VerdictClass::kLockBound);
  EXPECT_EQ(class_of(wall_of(1, 0, 0, 0, 0)), VerdictClass::kIdle);
  EXPECT_EQ(class_of(wall_of(50, 50, 0, 0, 0)), VerdictClass::kStarved);
  EXPECT_EQ(class_of(wall_of(30, 0, 35, 0, 0)), VerdictClass::kMixed);
}

TEST(Verdict, LatencyOfAnIdleCpuIsNoStarvation) {
  Totals totals;
  set_wait(totals, Reason::kDisk, 1'000, 460'000'000);
  totals.run_queue_ns = 300'000'000;
  totals.wakeup_latency_ns = 300'000'000;
  EXPECT_EQ(class_of(wall_of(27, 27, 46, 0, 0), totals), VerdictClass::kIoBound);
  totals.wakeup_latency_ns = 0;
  EXPECT_EQ(class_of(wall_of(27, 27, 46, 0, 0), totals), VerdictClass::kMixed);
}

TEST(Verdict, HandingWorkOverIsNotIdle) {
  Totals totals;
  set_wait(totals, Reason::kParked, 1'000, 400'000'000);
  totals.run_queue_ns = 600'000'000;
  totals.wakeup_latency_ns = 600'000'000;
  const Evidence pair = evidence(wall_of(40, 60, 0, 0, 0), totals);
  EXPECT_EQ(judge(pair).verdict_class, VerdictClass::kMixed);
  EXPECT_EQ(judge(pair).detail, "handing over 60.0%, cpu 40.0%");
  EXPECT_EQ(class_of(wall_of(4, 6, 0, 0, 0), totals), VerdictClass::kIdle);
}

TEST(Verdict, EventWaitIsJudgedByWhatEndedIt) {
  const Wall wall = wall_of(5, 0, 0, 95, 0);
  Totals totals;
  set_wait(totals, Reason::kEvent, 100, kSecond);
  EXPECT_EQ(class_of(wall, totals), VerdictClass::kIoBound);
  set_event(totals, EventEnd::kTimeout, 100, kSecond);
  EXPECT_EQ(class_of(wall, totals), VerdictClass::kIdle);
  EXPECT_EQ(judge(evidence(wall, totals)).detail, "sleeping");
  totals.events = {};
  set_event(totals, EventEnd::kNetwork, 100, kSecond);
  EXPECT_EQ(judge(evidence(wall, totals)).detail, "network, multiplexed");
  totals.events = {};
  set_event(totals, EventEnd::kTerminal, 100, kSecond);
  EXPECT_EQ(judge(evidence(wall, totals)).detail, "waiting for a person");
}

TEST(Verdict, AServerThatSeldomHasRequestsWaitsForWork) {
  const Wall wall = wall_of(5, 0, 0, 95, 0);
  for (const bool multiplexing : {false, true}) {
    Totals totals;
    set_wait(totals, multiplexing ? Reason::kEvent : Reason::kRequest, 100, kSecond);
    if (multiplexing) set_event(totals, EventEnd::kRequest, 100, kSecond);
    EXPECT_EQ(class_of(wall, totals), VerdictClass::kIdle);
    EXPECT_EQ(judge(evidence(wall, totals)).detail, "waiting for work");
  }
  Totals busy;
  set_wait(busy, Reason::kRequest, 100'000, kSecond);
  EXPECT_EQ(class_of(wall, busy), VerdictClass::kIoBound);
}

TEST(Verdict, EventWaitThatNothingEndedIsWaitingForWork) {
  Totals totals;
  set_wait(totals, Reason::kEvent, 1, kSecond, kSecond);
  const Verdict verdict = judge(evidence(wall_of(0, 0, 0, 100, 0), totals));
  EXPECT_EQ(verdict.verdict_class, VerdictClass::kIdle);
  EXPECT_EQ(verdict.detail, "waiting for work");
}

TEST(Verdict, APipeAmongItsOwnIsNoIo) {
  Totals totals;
  set_wait(totals, Reason::kPipe, 10, kSecond);
  set_wait(totals, Reason::kSleep, 10, kSecond);
  Evidence made = evidence(wall_of(2, 0, 98, 0, 0), totals);
  EXPECT_EQ(judge(made).verdict_class, VerdictClass::kIoBound);
  made.internal_pipe_ns = kSecond;
  EXPECT_EQ(judge(made).verdict_class, VerdictClass::kIdle);
  EXPECT_EQ(judge(made).detail, "sleeping");
}

TEST(Verdict, SharesSumToOne) {
  Totals totals;
  set_wait(totals, Reason::kEvent, 10, kSecond / 2, kSecond / 4);
  set_wait(totals, Reason::kLock, 10, kSecond / 5, kSecond / 10);
  set_wait(totals, Reason::kDisk, 10, kSecond);
  set_event(totals, EventEnd::kTimeout, 3, kSecond / 8);
  totals.run_queue_ns = kSecond / 10;
  totals.wakeup_latency_ns = kSecond / 20;
  const Shares shares = shares_of(evidence(wall_of(20, 10, 15, 30, 15), totals));
  EXPECT_NEAR(shares.cpu + shares.starved + shares.io + shares.lock + shares.idle, 1, 1e-9);
}

TEST(Verdict, LocksThatLeaveCpusUnused) {
  Totals totals;
  totals.on_cpu_ns = kSecond;
  set_wait(totals, Reason::kLock, 1'000, 3 * kSecond);
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0), totals);
  made.cpus = 4;
  EXPECT_EQ(judge(made).verdict_class, VerdictClass::kLockBound);
  EXPECT_EQ(judge(made).detail, "contended lock");
  made.cpus = 1; // there is no CPU to use
  EXPECT_EQ(judge(made).verdict_class, VerdictClass::kCpuBound);
}

// Four threads of which one runs at any time, while the others wait for this.
Evidence taking_turns(Reason reason) {
  Totals totals;
  totals.on_cpu_ns = kSecond;
  totals.lifetime_ns = 4 * kSecond;
  set_wait(totals, reason, 1'000, 3 * kSecond);
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0), totals);
  made.cpus = 4;
  made.busy_threads = 4;
  return made;
}

TEST(Verdict, WhoTakesTurnsUnderTheGilIsCpuBound) {
  const Verdict verdict = judge(taking_turns(Reason::kGil));
  EXPECT_EQ(verdict.verdict_class, VerdictClass::kCpuBound);
  EXPECT_EQ(verdict.detail, "compute, one at a time under the GIL (4 threads on 4 CPUs)");
  EXPECT_EQ(verdict.reasons.back(), "threads waited for the GIL for 75.0% of their lifetime");
}

TEST(Verdict, WhoTakesTurnsForAnUnknownReasonIsMixed) {
  const Verdict verdict = judge(taking_turns(Reason::kParked));
  EXPECT_EQ(verdict.verdict_class, VerdictClass::kMixed);
  EXPECT_EQ(verdict.detail, "compute, 4 threads take turns on 4 CPUs: a lock, or work handed over");
  // Those that wait for an answer through a pipe wait for I/O: nothing is unknown.
  EXPECT_EQ(judge(taking_turns(Reason::kPipe)).verdict_class, VerdictClass::kCpuBound);
}

TEST(Verdict, WhoDoesNearlyAllOfTheWorkTakesNoTurns) {
  Evidence pipeline = taking_turns(Reason::kParked);
  pipeline.busy_threads = 2;
  pipeline.busiest_ns = 95 * kSecond / 100;
  EXPECT_EQ(judge(pipeline).detail, "compute, one thread on 4 CPUs");
}

// As of a monitor: 25 of 100 with two at once, and hardly a moment without one.
TEST(Verdict, WhoSpinsBeforeItParksStillTakesTurns) {
  Evidence spinning = taking_turns(Reason::kParked);
  spinning.totals.on_cpu_ns = 125 * kSecond / 100;
  spinning.wall.running_ns = {75 * kSecond / 100, 25 * kSecond / 100};
  EXPECT_EQ(judge(spinning).verdict_class, VerdictClass::kMixed);
  // One at work all the while, and others that help now and then.
  spinning.busiest_ns = kSecond;
  EXPECT_EQ(judge(spinning).verdict_class, VerdictClass::kCpuBound);
  spinning.busiest_ns = 0;
  spinning.wall.running_ns = {45 * kSecond / 100, 55 * kSecond / 100};
  EXPECT_EQ(judge(spinning).verdict_class, VerdictClass::kCpuBound);
}

TEST(Verdict, DetailNamesTheReason) {
  Totals totals;
  set_wait(totals, Reason::kNetwork, 10, kSecond);
  set_wait(totals, Reason::kDisk, 10, kSecond / 10);
  set_wait(totals, Reason::kEvent, 10, 2 * kSecond, 2 * kSecond);
  EXPECT_EQ(judge(evidence(wall_of(5, 0, 95, 0, 0), totals)).detail, "network, one at a time");
  set_wait(totals, Reason::kNetwork, 10, 4 * kSecond);
  EXPECT_EQ(judge(evidence(wall_of(5, 0, 95, 0, 0), totals)).detail, "network, overlapped");
}

TEST(Verdict, DetailSaysWhatTheCpusDid) {
  Evidence made = evidence(wall_of(100, 0, 0, 0, 0));
  EXPECT_EQ(judge(made).detail, "compute, one thread");
  made.cpus = 8;
  EXPECT_EQ(judge(made).detail, "compute, one thread on 8 CPUs");
  made.totals.system_ns = kSecond;
  EXPECT_EQ(judge(made).detail, "kernel, one thread on 8 CPUs");
  made.cpus = 2;
  made.wall.running_ns = {0, kSecond};
  made.totals.on_cpu_ns = 2 * kSecond;
  EXPECT_EQ(judge(made).detail, "kernel, 2.0 threads at once on 2 CPUs");
  made.totals.run_queue_ns = 6 * kSecond;
  EXPECT_EQ(judge(made).detail, "kernel, more threads than CPUs (8.0 for 2 CPUs)");
}

TEST(Verdict, AParentThatWaitsDoesNotHideWhatItsChildDoes) {
  Totals totals;
  set_wait(totals, Reason::kChild, 1, kSecond);
  set_wait(totals, Reason::kSleep, 1, kSecond / 2);
  EXPECT_EQ(judge(evidence(wall_of(0, 0, 0, 0, 0), totals)).detail, "sleeping");
}

// A program near half and half would otherwise be named for one side in one run, for the other in the next.
TEST(Verdict, NearHalfAndHalfIsMixed) {
  EXPECT_EQ(class_of(wall_of(58, 0, 42, 0, 0)), VerdictClass::kMixed);
  EXPECT_EQ(class_of(wall_of(42, 0, 58, 0, 0)), VerdictClass::kMixed);
  EXPECT_EQ(class_of(wall_of(62, 0, 38, 0, 0)), VerdictClass::kCpuBound);
  EXPECT_EQ(class_of(wall_of(38, 0, 62, 0, 0)), VerdictClass::kIoBound);
}

TEST(Verdict, MixedNamesItsParts) {
  EXPECT_EQ(judge(evidence(wall_of(40, 0, 45, 0, 0))).detail, "disk 45.0%, cpu 40.0%");
}

TEST(Verdict, ConfidenceFallsNearABorder) {
  const double clear = judge(evidence(wall_of(99, 0, 0, 0, 0))).confidence;
  const double close = judge(evidence(wall_of(61, 0, 0, 0, 0))).confidence;
  EXPECT_GT(clear, 0.95);
  EXPECT_LT(close, 0.6);
}

TEST(Verdict, ConfidenceFallsWithLoss) {
  const Wall wall = wall_of(99, 0, 0, 0, 0);
  EXPECT_LT(judge(evidence(wall, {}, 50)).confidence, judge(evidence(wall)).confidence);
  EXPECT_EQ(judge(evidence(wall, {}, 500)).verdict_class, VerdictClass::kUnsure);
}

TEST(Verdict, ConfidenceFallsWithUnseenThreads) {
  Evidence some = evidence(wall_of(99, 0, 0, 0, 0));
  some.threads_seen = 95;
  some.threads_unseen = 5;
  const Verdict verdict = judge(some);
  EXPECT_NEAR(verdict.confidence, judge(evidence(wall_of(99, 0, 0, 0, 0))).confidence / 2, 0.01);
  EXPECT_EQ(verdict.reasons.back(), "5 threads were not seen");
  some.threads_seen = 0;
  EXPECT_EQ(judge(some).verdict_class, VerdictClass::kUnsure);
}

TEST(Verdict, TooShortIsUnsureAndSaysSo) {
  Wall wall;
  wall.elapsed_ns = 400'000;
  wall.running_ns = {400'000};
  const Verdict verdict = judge(evidence(wall));
  EXPECT_EQ(verdict.verdict_class, VerdictClass::kUnsure);
  EXPECT_EQ(verdict.reasons.back(), "only 400 us was seen");
}

TEST(Verdict, NothingSeenIsUnsure) { EXPECT_EQ(class_of(Wall{}), VerdictClass::kUnsure); }

TEST(Verdict, ReasonsCarryTheirFiguresLongestFirst) {
  const Verdict verdict = judge(evidence(wall_of(20, 0, 75, 0, 0)));
  ASSERT_EQ(verdict.reasons.size(), 3U);
  EXPECT_EQ(verdict.reasons[0], "waiting for I/O (disk) for 75.0% of 1.00 s");
  EXPECT_EQ(verdict.reasons[1], "on CPU (compute, one thread) for 20.0% of 1.00 s");
}

TEST(Verdict, OfAThreadAloneIsThatOfItsOwnStates) {
  Totals totals;
  totals.lifetime_ns = kSecond;
  totals.on_cpu_ns = kSecond / 10;
  set_wait(totals, Reason::kNetwork, 10, kSecond - kSecond / 10);
  const Wall wall = wall_of_thread(totals);
  EXPECT_EQ(wall.io_ns, kSecond - kSecond / 10);
  EXPECT_EQ(class_of(wall, totals), VerdictClass::kIoBound);
}

} // namespace
} // namespace ctxray
