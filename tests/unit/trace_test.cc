// SPDX-License-Identifier: GPL-2.0-or-later
// Verdicts that do not flicker, and the memory of the last minutes.
#include "userspace/tui/trace.h"

#include <gtest/gtest.h>

namespace ctxray::tui {
namespace {

constexpr StateTimes kBusy = {100, 0, 0, 0, 0, 0};
constexpr StateTimes kIdle = {0, 0, 0, 0, 0, 100};

TEST(Trace, OneOddIntervalChangesNothing) {
  Trace trace;
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  EXPECT_FALSE(trace.doubted());
  trace.add(kIdle, VerdictClass::kIdle, 1);
  EXPECT_TRUE(trace.doubted());
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  trace.add(kIdle, VerdictClass::kIdle, 1);
  EXPECT_EQ(trace.verdict(), VerdictClass::kCpuBound);
  EXPECT_FALSE(trace.changed_ago().has_value());
}

TEST(Trace, TwoOnEndChangeItAndShow) {
  Trace trace;
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  trace.add(kIdle, VerdictClass::kIdle, 1);
  trace.add(kIdle, VerdictClass::kIdle, 1);
  EXPECT_EQ(trace.verdict(), VerdictClass::kIdle);
  EXPECT_EQ(trace.changed_ago(), 0U);
  for (int i = 0; i < 20; ++i) trace.add(kIdle, VerdictClass::kIdle, 1);
  EXPECT_FALSE(trace.changed_ago().has_value());
}

TEST(Trace, ACloseOneMustComeThreeTimes) {
  constexpr double kClose = 0.6;
  Trace trace;
  trace.add(kBusy, VerdictClass::kIoBound, kClose);
  for (int i = 0; i < 10; ++i) {
    trace.add(kBusy, VerdictClass::kMixed, kClose);
    trace.add(kBusy, VerdictClass::kMixed, kClose);
    EXPECT_EQ(trace.verdict(), VerdictClass::kIoBound);
    trace.add(kBusy, VerdictClass::kIoBound, kClose);
  }
}

TEST(Trace, NothingHoldsAgainstThreeOnEnd) {
  Trace trace;
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  trace.add(kBusy, VerdictClass::kMixed, 0.6);
  trace.add(kBusy, VerdictClass::kIoBound, 0.6);
  EXPECT_EQ(trace.verdict(), VerdictClass::kCpuBound);
  trace.add(kBusy, VerdictClass::kMixed, 0.6);
  EXPECT_EQ(trace.verdict(), VerdictClass::kMixed);
}

TEST(Trace, SaysWhatIsLikelyWhileInDoubt) {
  Trace trace;
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  trace.add(kIdle, VerdictClass::kIdle, 1);
  EXPECT_EQ(trace.verdict(), VerdictClass::kCpuBound);
  EXPECT_EQ(trace.likely(), VerdictClass::kIdle);
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  trace.add(kBusy, VerdictClass::kMixed, 0.6);
  EXPECT_EQ(trace.likely(), VerdictClass::kCpuBound);
  trace.add(kBusy, VerdictClass::kMixed, 0.6);
  EXPECT_EQ(trace.likely(), VerdictClass::kMixed);
}

TEST(Trace, WasBusyFades) {
  Trace trace;
  trace.add(kBusy, VerdictClass::kCpuBound, 1);
  EXPECT_DOUBLE_EQ(trace.recent_busy(), 1);
  for (int i = 0; i < 4; ++i) trace.add(kIdle, VerdictClass::kIdle, 1);
  EXPECT_GT(trace.recent_busy(), 0.2);
  EXPECT_LT(trace.recent_busy(), 0.4);
  EXPECT_EQ(trace.recent_states()[static_cast<std::size_t>(State::kIdle)], 4 * 255U);
}

TEST(Trace, RemembersTheNewest) {
  Trace trace;
  for (std::size_t i = 0; i < Trace::kMost + 7; ++i) trace.add(i % 2 == 0 ? kBusy : kIdle, VerdictClass::kMixed, 1);
  EXPECT_EQ(trace.size(), Trace::kMost);
  const std::size_t newest = (Trace::kMost + 6) % 2;
  EXPECT_EQ(trace.back(0).shares[0], newest == 0 ? 255 : 0);
  EXPECT_EQ(trace.back(1).shares[0], newest == 0 ? 0 : 255);
  const std::vector<StateTimes> sums = sums_of(trace, 1000, 2);
  EXPECT_EQ(sums.size(), Trace::kMost / 2);
  EXPECT_EQ(sums.back()[0], 255U);
}

} // namespace
} // namespace ctxray::tui
