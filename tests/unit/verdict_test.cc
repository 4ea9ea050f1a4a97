// SPDX-License-Identifier: GPL-2.0-or-later
// The verdict for wall clocks whose answer is known.
#include "userspace/verdict.h"

#include <gtest/gtest.h>

#include "tests/unit/samples.h"

namespace ctxray {
namespace {

Totals some_switches() {
  Totals totals;
  totals.voluntary = 1'000;
  return totals;
}

VerdictClass class_of(const Wall& wall, const Totals& totals = some_switches()) {
  return judge({wall, totals, 0}).verdict_class;
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
  Totals totals = some_switches();
  set_wait(totals, Reason::kDisk, 1'000, 400'000'000);
  totals.run_queue_ns = 300'000'000;
  totals.wakeup_latency_ns = 300'000'000;
  EXPECT_EQ(class_of(wall_of(30, 30, 40, 0, 0), totals), VerdictClass::kIoBound);
  totals.wakeup_latency_ns = 0;
  EXPECT_EQ(class_of(wall_of(30, 30, 40, 0, 0), totals), VerdictClass::kMixed);
}

TEST(Verdict, EventWaitIsJudgedByWhatEndedIt) {
  Totals totals = some_switches();
  set_wait(totals, Reason::kEvent, 100, kSecond);
  EXPECT_EQ(class_of(wall_of(5, 0, 0, 95, 0), totals), VerdictClass::kIoBound);
  totals.event_timeouts = 100;
  totals.event_timeout_ns = kSecond;
  EXPECT_EQ(class_of(wall_of(5, 0, 0, 95, 0), totals), VerdictClass::kIdle);
  EXPECT_EQ(judge({wall_of(5, 0, 0, 95, 0), totals, 0}).detail, "sleeping");
}

TEST(Verdict, EventWaitThatNothingEndedIsWaitingForWork) {
  Totals totals = some_switches();
  set_wait(totals, Reason::kEvent, 1, kSecond, kSecond);
  const Verdict verdict = judge({wall_of(0, 0, 0, 100, 0), totals, 0});
  EXPECT_EQ(verdict.verdict_class, VerdictClass::kIdle);
  EXPECT_EQ(verdict.detail, "waiting for work");
}

TEST(Verdict, SharesSumToOne) {
  Totals totals = some_switches();
  set_wait(totals, Reason::kEvent, 10, kSecond / 2, kSecond / 4);
  set_wait(totals, Reason::kLock, 10, kSecond / 5, kSecond / 10);
  totals.event_timeout_ns = kSecond / 8;
  totals.run_queue_ns = kSecond / 10;
  totals.wakeup_latency_ns = kSecond / 20;
  const Shares shares = shares_of(wall_of(20, 10, 15, 30, 15), totals);
  EXPECT_NEAR(shares.cpu + shares.starved + shares.io + shares.lock + shares.idle, 1, 1e-9);
}

TEST(Verdict, DetailNamesTheReason) {
  Totals totals = some_switches();
  set_wait(totals, Reason::kNetwork, 10, kSecond);
  set_wait(totals, Reason::kDisk, 10, kSecond / 10);
  set_wait(totals, Reason::kEvent, 10, 2 * kSecond);
  EXPECT_EQ(judge({wall_of(5, 0, 95, 0, 0), totals, 0}).detail, "network");
}

TEST(Verdict, AParentThatWaitsDoesNotHideWhatItsChildDoes) {
  Totals totals = some_switches();
  set_wait(totals, Reason::kChild, 1, kSecond);
  set_wait(totals, Reason::kSleep, 1, kSecond / 2);
  EXPECT_EQ(judge({wall_of(0, 0, 0, 0, 0), totals, 0}).detail, "sleeping");
}

TEST(Verdict, ConfidenceFallsNearABorder) {
  const double clear = judge({wall_of(99, 0, 0, 0, 0), some_switches(), 0}).confidence;
  const double close = judge({wall_of(61, 0, 0, 0, 0), some_switches(), 0}).confidence;
  EXPECT_GT(clear, 0.95);
  EXPECT_LT(close, 0.6);
}

TEST(Verdict, ConfidenceFallsWithLoss) {
  const Totals totals = some_switches();
  const Wall wall = wall_of(99, 0, 0, 0, 0);
  EXPECT_LT(judge({wall, totals, 50}).confidence, judge({wall, totals, 0}).confidence);
  EXPECT_EQ(judge({wall, totals, 500}).verdict_class, VerdictClass::kUnsure);
}

TEST(Verdict, TooShortIsUnsureAndSaysSo) {
  Wall wall;
  wall.elapsed_ns = 400'000;
  wall.running_ns = {400'000};
  const Verdict verdict = judge({wall, Totals{}, 0});
  EXPECT_EQ(verdict.verdict_class, VerdictClass::kUnsure);
  EXPECT_EQ(verdict.reasons.back(), "only 400 us was seen");
}

TEST(Verdict, NothingSeenIsUnsure) { EXPECT_EQ(class_of(Wall{}), VerdictClass::kUnsure); }

TEST(Verdict, ReasonsCarryTheirFiguresLongestFirst) {
  Totals totals = some_switches();
  set_wait(totals, Reason::kDisk, 10, kSecond);
  const Verdict verdict = judge({wall_of(20, 0, 75, 0, 0), totals, 0});
  ASSERT_EQ(verdict.reasons.size(), 3U);
  EXPECT_EQ(verdict.reasons[0], "waiting for I/O (disk) for 75.0% of 1.00 s");
  EXPECT_EQ(verdict.reasons[1], "on CPU for 20.0% of 1.00 s");
}

} // namespace
} // namespace ctxray
