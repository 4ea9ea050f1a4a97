// SPDX-License-Identifier: GPL-2.0-or-later
// Differences of samples.
#include "userspace/model.h"

#include <gtest/gtest.h>

#include "tests/unit/samples.h"

namespace ctxray {
namespace {

TEST(Model, WholeTimeIsTheSampleItself) {
  const Model model = make_model(reading_sample());
  EXPECT_EQ(model.interval.totals.voluntary, 7'001U);
  EXPECT_EQ(model.group.verdict.verdict_class, VerdictClass::kIoBound);
  ASSERT_EQ(model.processes.size(), 1U);
  EXPECT_DOUBLE_EQ(model.group.parallelism_average, 0.25);
  EXPECT_DOUBLE_EQ(model.group.in_flight_average, 0.95);
}

TEST(Model, IntervalIsTheDifference) {
  const Sample first = reading_sample();
  Sample second = first;
  second.wall.elapsed_ns += 100;
  second.wall.running_ns = {first.wall.running_ns[0] + 60, 40};
  second.totals.voluntary += 5;
  second.processes[0].totals.voluntary += 5;
  second.processes[0].threads[0].totals.on_cpu_ns += 60;
  second.hard->at(0).count += 2;
  second.hard->at(0).per_cpu[1].count += 2;
  second.syscalls->at(0).errors += 1;
  const Sample interval = make_model(second, first).interval;
  EXPECT_EQ(interval.wall.elapsed_ns, 100U);
  EXPECT_EQ(interval.wall.running_ns, (std::vector<std::uint64_t>{60, 40}));
  EXPECT_EQ(interval.totals.voluntary, 5U);
  EXPECT_EQ(interval.processes[0].totals.voluntary, 5U);
  EXPECT_EQ(interval.processes[0].threads[0].totals.on_cpu_ns, 60U);
  EXPECT_EQ(interval.hard->at(0).count, 2U);
  EXPECT_EQ(interval.hard->at(0).per_cpu[0].count, 0U);
  EXPECT_EQ(interval.hard->at(0).per_cpu[1].count, 2U);
  EXPECT_EQ(interval.syscalls->at(0).errors, 1U);
}

TEST(Model, APidUsedAgainIsAnotherProcess) {
  const Sample first = reading_sample();
  Sample second = first;
  second.processes[0].start_ns += 1;
  EXPECT_EQ(make_model(second, first).interval.processes[0].totals.voluntary, 7'001U);
}

TEST(Model, EveryLossLowersTheConfidence) {
  const double sure = make_model(reading_sample()).group.verdict.confidence;
  for (std::uint64_t Loss::*loss : {&Loss::dropped, &Loss::recursion_misses, &Loss::unseeded}) {
    Sample sample = reading_sample();
    sample.loss.*loss = 100;
    EXPECT_LT(make_model(sample).group.verdict.confidence, sure);
  }
}

TEST(Model, CountersThatSeemToFallCountAsUnchanged) {
  const Sample first = reading_sample();
  Sample second = first;
  second.totals.waits[static_cast<std::size_t>(Reason::kDisk)].total_ns -= 10;
  EXPECT_EQ(make_model(second, first).interval.totals.wait(Reason::kDisk).total_ns, 0U);
}

TEST(Model, UnknownStaysUnknown) {
  Sample sample = reading_sample();
  sample.hard.reset();
  sample.syscalls.reset();
  const Sample interval = make_model(sample, sample).interval;
  EXPECT_FALSE(interval.hard.has_value());
  EXPECT_FALSE(interval.syscalls.has_value());
}

} // namespace
} // namespace ctxray
