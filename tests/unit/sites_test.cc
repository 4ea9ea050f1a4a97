// SPDX-License-Identifier: GPL-2.0-or-later
// Waits that threads still hold are added to their places once, and counted where there is no place.
#include "probes/sites.h"

#include <gtest/gtest.h>

namespace ctxray {
namespace {

constexpr std::uint64_t kWaker = std::uint64_t{7} << 32 | 8, kOther = std::uint64_t{9} << 32 | 9;

site_key key_of(std::uint64_t object) {
  site_key key{};
  key.slot = 1;
  key.reason = WAIT_PIPE;
  key.object = object;
  return key;
}

site_run run_of(std::uint64_t object, std::uint32_t count, std::uint64_t waker) {
  site_run run{};
  run.key = key_of(object);
  run.count = count;
  run.ended_by[WAKER_TASK] = count;
  run.total_ns = std::uint64_t{10} * count;
  run.max_ns = 15;
  run.waker = waker;
  run.waker_votes = count;
  return run;
}

Site place_of(std::uint64_t object) {
  Site place{key_of(object), {}};
  place.value.count = 4;
  place.value.total_ns = 100;
  place.value.max_ns = 40;
  place.value.ended_by[WAKER_TASK] = 4;
  place.value.waker = kWaker;
  place.value.waker_votes = 4;
  return place;
}

TEST(AddRuns, AddsToThePlaceOfTheSameKey) {
  std::vector<Site> places = {place_of(3), place_of(5)};
  EXPECT_EQ(add_runs(places, {run_of(5, 2, kWaker), run_of(5, 1, kWaker)}), 0U);
  EXPECT_EQ(places[0].value.count, 4U);
  EXPECT_EQ(places[1].value.count, 7U);
  EXPECT_EQ(places[1].value.total_ns, 130U);
  EXPECT_EQ(places[1].value.max_ns, 40U);
  EXPECT_EQ(places[1].value.ended_by[WAKER_TASK], 7U);
  EXPECT_EQ(places[1].value.waker_votes, 7U);
}

TEST(AddRuns, LeavesTheWakerOfMost) {
  std::vector<Site> few = {place_of(3)}, many = {place_of(3)};
  add_runs(few, {run_of(3, 3, kOther)});
  EXPECT_EQ(few[0].value.waker, kWaker);
  EXPECT_EQ(few[0].value.waker_votes, 1U);
  add_runs(many, {run_of(3, 9, kOther)});
  EXPECT_EQ(many[0].value.waker, kOther);
  EXPECT_EQ(many[0].value.waker_votes, 5U);
}

TEST(AddRuns, CountsWaitsWithoutAPlace) {
  std::vector<Site> places = {place_of(3)};
  EXPECT_EQ(add_runs(places, {run_of(4, 6, kWaker)}), 6U);
  EXPECT_EQ(places[0].value.count, 4U);
}

TEST(AppendRuns, TakesThoseThatHoldWaits) {
  thread_rec thread{};
  thread.runs[1] = run_of(3, 2, kWaker);
  std::vector<site_run> runs;
  append_runs(runs, thread);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].count, 2U);
}

} // namespace
} // namespace ctxray
