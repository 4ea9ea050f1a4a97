// SPDX-License-Identifier: GPL-2.0-or-later
// Verdicts on the last seconds.
#include "userspace/history.h"

#include <gtest/gtest.h>

#include "tests/unit/samples.h"

namespace ctxray {
namespace {

// A program that computes up to second 12 and sleeps from then on, seen at this second.
Sample at(std::uint64_t second) {
  Sample sample;
  sample.now_ns = second * kSecond;
  sample.cpus_online = 1;
  sample.wall.elapsed_ns = second * kSecond;
  sample.wall.running_ns = {std::min<std::uint64_t>(second, 12) * kSecond};
  sample.wall.idle_ns = sample.wall.elapsed_ns - sample.wall.running_ns[0];
  sample.totals.lifetime_ns = sample.wall.elapsed_ns;
  sample.totals.on_cpu_ns = sample.wall.running_ns[0];
  set_wait(sample.totals, Reason::kSleep, second, sample.wall.idle_ns);
  ProcessSample process;
  process.pid = 7;
  process.wall = sample.wall;
  process.totals = sample.totals;
  sample.processes = {process};
  return sample;
}

TEST(History, TellsTheLastSecondFromTheLastTen) {
  History history;
  EXPECT_TRUE(history.recent().group.empty());
  for (std::uint64_t second = 1; second <= 15; ++second) history.add(at(second));
  const Recent recent = history.recent();
  ASSERT_EQ(recent.group.size(), 2U);
  EXPECT_EQ(recent.group[0].elapsed_ns, kSecond);
  EXPECT_EQ(recent.group[0].verdict.verdict_class, VerdictClass::kIdle);
  EXPECT_EQ(recent.group[1].elapsed_ns, 10 * kSecond);
  EXPECT_EQ(recent.group[1].verdict.verdict_class, VerdictClass::kCpuBound);
  ASSERT_EQ(recent.processes.count(7), 1U);
  EXPECT_EQ(recent.processes.at(7)[0].verdict.verdict_class, VerdictClass::kIdle);
}

TEST(History, SaysNothingOfTimeThatItDidNotSee) {
  History history;
  history.add(at(1));
  history.add(at(3));
  EXPECT_EQ(history.recent().group.size(), 1U);
}

} // namespace
} // namespace ctxray
