// SPDX-License-Identifier: GPL-2.0-or-later
// Few calls are all looked at; of many so few that it costs little; and what is seen stands for all.
#include "probes/slices.h"

#include <gtest/gtest.h>

#include "userspace/sample.h"

namespace ctxray {
namespace {

constexpr std::uint64_t kSlice = 5'000'000;

TEST(Slices, LooksAtAllCallsWhileTheyAreFew) {
  Slices slices(2);
  EXPECT_EQ(Slices::first().weight, 1U);
  const Cycle cycle = slices.next({20, 30}, kSlice);
  EXPECT_EQ(cycle.weight, 1U);
  EXPECT_EQ(cycle.before_ns, 0U);
  EXPECT_DOUBLE_EQ(slices.weight(), 1);
}

TEST(Slices, LooksAtAPartOfMany) {
  Slices slices(2);
  const Cycle some = slices.next({2'000, 1'000}, kSlice); // 600,000 a second
  EXPECT_GE(some.weight, 45U); // at 150 ns each 4.5 % of two CPUs, of which 0.1 % are to be spent
  EXPECT_LE(some.weight, 46U);
  const Cycle most = slices.next({20'000, 20'000}, kSlice);
  EXPECT_GT(most.weight, some.weight);
  EXPECT_LE(most.weight, 64U);
  EXPECT_LT(most.before_ns, kSlice * most.weight);
  EXPECT_EQ(slices.next({10, 10}, kSlice).weight, 1U);
}

TEST(Slices, SlicesAreLongWhereTheirCyclesStayShort) {
  constexpr std::uint64_t kCycle = 320'000'000;
  for (const std::uint64_t calls : {400, 1'000, 3'000, 10'000, 100'000}) {
    const Cycle cycle = Slices(2).next({calls, calls}, kSlice);
    ASSERT_GT(cycle.weight, 1U);
    EXPECT_GE(cycle.slice_ns, kSlice);
    EXPECT_LE(cycle.slice_ns * cycle.weight, kCycle);
    EXPECT_TRUE(cycle.slice_ns == 4 * kSlice || (cycle.slice_ns + 1) * cycle.weight > kCycle);
  }
}

TEST(Slices, ACycleIsAsLongAsItsSliceStandsFor) {
  const Cycle cycle{10, 12'000'000, kSlice};
  EXPECT_EQ(Slices(2).after_ns(cycle, {0, 0}, kSlice) + cycle.before_ns + kSlice, 10 * kSlice);
  EXPECT_EQ(Slices(2).after_ns({1, 0, kSlice}, {100, 100}, kSlice), 0U);
}

TEST(Slices, TimeThatTheProbeTookStandsForNoCalls) {
  const Cycle cycle{10, 0, kSlice};
  const std::uint64_t idle = Slices(2).after_ns(cycle, {0, 0}, kSlice);
  const std::uint64_t busy = Slices(2).after_ns(cycle, {16'666, 0}, kSlice); // half of the slice
  EXPECT_NEAR(static_cast<double>(busy + kSlice), static_cast<double>(idle + kSlice) / 2, 1e5);
}

TEST(Slices, BurstsWidenTheError) {
  Slices even(2), bursts(2);
  for (int i = 0; i < 50; ++i) {
    even.next({3'000, 3'000}, kSlice);
    bursts.next({i % 2 == 0 ? 6'000U : 1'000U, 3'000}, kSlice);
  }
  EXPECT_DOUBLE_EQ(even.dispersion(), 1);
  EXPECT_GT(bursts.dispersion(), 100);
  EXPECT_GT(CallSampling({bursts.weight(), bursts.dispersion()}).error(10'000),
            CallSampling({even.weight(), even.dispersion()}).error(10'000));
}

TEST(CallSampling, KnowsNoErrorWhereAllWasSeen) { EXPECT_DOUBLE_EQ(CallSampling().error(1'000), 0); }

} // namespace
} // namespace ctxray
