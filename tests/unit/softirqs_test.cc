// SPDX-License-Identifier: GPL-2.0-or-later
// Counts begin where they are first read, go round at 32 bits, and are told apart by CPU.
#include "probes/softirqs.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ctxray {
namespace {

std::istringstream text(const std::string& cpus, const std::string& hi, const std::string& timer) {
  return std::istringstream("    " + cpus + "\n  HI: " + hi + "\n  TIMER: " + timer + "\n");
}

TEST(SoftirqCounts, GrowFromWhereTheyAreFirstRead) {
  std::istringstream before = text("CPU0 CPU2", "5 6", "100 4294967290"), after = text("CPU0 CPU2", "5 7", "150 4");
  SoftirqCounts counts(before);
  EXPECT_FALSE(counts.empty());
  EXPECT_EQ(counts.count(0, 1), 0U);
  counts.update(after);
  EXPECT_EQ(counts.count(0, 0), 0U);
  EXPECT_EQ(counts.count(2, 0), 1U);
  EXPECT_EQ(counts.count(0, 1), 50U);
  EXPECT_EQ(counts.count(2, 1), 10U);
  EXPECT_EQ(counts.count(1, 1), 0U);
}

TEST(SoftirqCounts, OfACpuThatComesLater) {
  std::istringstream before = text("CPU0", "5", "100"), after = text("CPU0 CPU1", "5 3", "100 20");
  SoftirqCounts counts(before);
  counts.update(after);
  EXPECT_EQ(counts.count(1, 0), 3U);
  EXPECT_EQ(counts.count(1, 1), 20U);
}

TEST(SoftirqCounts, AreNotThereWithoutTheFile) {
  std::istringstream nothing, other("Not a table\nHI: 3\n");
  EXPECT_TRUE(SoftirqCounts(nothing).empty());
  EXPECT_TRUE(SoftirqCounts(other).empty());
}

} // namespace
} // namespace ctxray
