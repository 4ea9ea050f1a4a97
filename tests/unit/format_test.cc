// SPDX-License-Identifier: GPL-2.0-or-later
// Figures as people read them.
#include "userspace/format.h"

#include <gtest/gtest.h>

#include "userspace/histogram.h"

namespace ctxray {
namespace {

TEST(Format, Durations) {
  EXPECT_EQ(format_duration(0), "0 ns");
  EXPECT_EQ(format_duration(999), "999 ns");
  EXPECT_EQ(format_duration(1'000), "1.00 us");
  EXPECT_EQ(format_duration(12'345), "12.3 us");
  EXPECT_EQ(format_duration(999'999), "1.00 ms");
  EXPECT_EQ(format_duration(4'560'000), "4.56 ms");
  EXPECT_EQ(format_duration(59'960'000'000), "60.0 s");
  EXPECT_EQ(format_duration(125'000'000'000), "125 s");
}

TEST(Format, Counts) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(9'999), "9999");
  EXPECT_EQ(format_count(12'345), "12.3k");
  EXPECT_EQ(format_count(999'990), "1.00M");
  EXPECT_EQ(format_count(4.56e9), "4.56G");
}

TEST(Format, PercentNeverRoundsToNothingOrAll) {
  EXPECT_EQ(format_percent(0), "0.0%");
  EXPECT_EQ(format_percent(0.0001), "<0.1%");
  EXPECT_EQ(format_percent(0.1234), "12.3%");
  EXPECT_EQ(format_percent(0.99999), ">99.9%");
  EXPECT_EQ(format_percent(1), "100.0%");
}

TEST(Percentile, InterpolatesWithinABucket) {
  Histogram histogram{};
  EXPECT_FALSE(percentile_ns(histogram, 0.5).has_value());
  histogram[10] = 100;
  EXPECT_EQ(percentile_ns(histogram, 0.5), 1536U);
  histogram[20] = 100;
  EXPECT_EQ(percentile_ns(histogram, 0.5), 2048U);
  EXPECT_EQ(percentile_ns(histogram, 1.0), 1U << 21);
}

} // namespace
} // namespace ctxray
