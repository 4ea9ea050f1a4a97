// SPDX-License-Identifier: GPL-2.0-or-later
// Samples of changes: what was left out as quiet is as if it had been read.
#include "userspace/tui/board.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/machine.h"
#include "userspace/quiet.h"

namespace ctxray::tui {
namespace {

// A process whose one thread has been asleep in a pipe read since it began, as it is read at this time.
ProcessSample sleeper_at(std::uint64_t ns) {
  ProcessSample process;
  process.pid = 10;
  process.start_ns = 1;
  process.cpus_allowed = 2;
  process.wall.elapsed_ns = ns;
  process.wall.io_ns = ns;
  ThreadSample thread;
  thread.tid = 10;
  thread.start_ns = 1;
  thread.state = ThreadState::kBlocked;
  thread.reason = Reason::kPipe;
  thread.totals.lifetime_ns = ns;
  thread.totals.waits[static_cast<std::size_t>(Reason::kPipe)] = {1, ns, ns, ns};
  process.totals = thread.totals;
  process.threads = {thread};
  return process;
}

// Then it ran for a while.
ProcessSample worker_at(std::uint64_t ns, std::uint64_t ran_ns) {
  ProcessSample process = sleeper_at(ns - ran_ns);
  process.wall.elapsed_ns = ns;
  process.wall.running_ns = {ran_ns};
  for (Totals* totals : {&process.totals, &process.threads[0].totals}) {
    totals->lifetime_ns = ns;
    totals->on_cpu_ns = ran_ns;
    totals->waits[static_cast<std::size_t>(Reason::kPipe)].under_way_ns = 0;
  }
  process.threads[0].state = ThreadState::kOnCpu;
  process.threads[0].reason.reset();
  return process;
}

SamplePtr sample_at(std::uint64_t now_ns, std::vector<ProcessSample> processes,
                    std::vector<ProcessIdentity> quiet = {}) {
  auto sample = std::make_shared<Sample>();
  sample->now_ns = now_ns;
  sample->cpus_online = 2;
  sample->wall.elapsed_ns = now_ns;
  sample->processes = std::move(processes);
  sample->quiet = std::move(quiet);
  return sample;
}

TEST(Quiet, AdvancingIsReadingLater) {
  ProcessSample process = sleeper_at(kSecond);
  advance(process, kSecond);
  const ProcessSample later = sleeper_at(2 * kSecond);
  EXPECT_EQ(process.wall.io_ns, later.wall.io_ns);
  EXPECT_EQ(process.wall.elapsed_ns, later.wall.elapsed_ns);
  EXPECT_EQ(process.totals.lifetime_ns, later.totals.lifetime_ns);
  EXPECT_EQ(process.totals.wait(Reason::kPipe).total_ns, later.totals.wait(Reason::kPipe).total_ns);
  EXPECT_EQ(process.totals.wait(Reason::kPipe).max_ns, later.totals.wait(Reason::kPipe).max_ns);
  EXPECT_EQ(process.totals.wait(Reason::kPipe).under_way_ns, later.totals.wait(Reason::kPipe).under_way_ns);
  EXPECT_EQ(process.threads[0].totals.blocked_ns(), later.threads[0].totals.blocked_ns());
}

TEST(Resting, RestoresWhatItWasMadeOf) {
  ProcessSample process = worker_at(kSecond, kSecond / 4);
  process.comm = "worker";
  process.histograms[Reason::kPipe][5] = 3;
  process.threads[0].histograms[Reason::kDisk][39] = 1;
  process.threads[0].totals.calls.submitted = 7;
  process.sites.resize(2);
  const ProcessSample restored = Resting(process).restore();
  EXPECT_EQ(restored.pid, process.pid);
  EXPECT_EQ(restored.comm, "worker");
  EXPECT_EQ(restored.wall.cpu_ns(), kSecond / 4);
  EXPECT_EQ(restored.totals.on_cpu_ns, kSecond / 4);
  EXPECT_EQ(restored.totals.blocked_ns(), process.totals.blocked_ns());
  EXPECT_EQ(restored.histograms, process.histograms);
  EXPECT_EQ(restored.sites.size(), 2U);
  ASSERT_EQ(restored.threads.size(), 1U);
  EXPECT_EQ(restored.threads[0].state, ThreadState::kOnCpu);
  EXPECT_EQ(restored.threads[0].histograms, process.threads[0].histograms);
  EXPECT_EQ(restored.threads[0].totals.calls.submitted, 7U);
  EXPECT_EQ(Resting().restore().threads.size(), 0U);
}

TEST(Board, AQuietIntervalIsAllWaiting) {
  Board board;
  board.add(sample_at(kSecond, {sleeper_at(kSecond)}), sample_at(0, {}));
  const SamplePtr first = sample_at(kSecond, {sleeper_at(kSecond)});
  board.add(sample_at(2 * kSecond, {}, {{10, 1}}), first);
  ASSERT_EQ(board.present().size(), 1U);
  const Entry& entry = *board.present()[0];
  EXPECT_TRUE(entry.quiet);
  EXPECT_EQ(entry.interval.wall.elapsed_ns, kSecond);
  EXPECT_EQ(entry.interval.wall.io_ns, kSecond);
  EXPECT_EQ(entry.interval.totals.wait(Reason::kPipe).under_way_ns, kSecond);
  EXPECT_EQ(entry.trace.verdict(), VerdictClass::kIdle); // nothing came: it waits for work
  ASSERT_EQ(entry.threads().size(), 1U);
  EXPECT_EQ(entry.threads()[0].tid, 10U);
  EXPECT_EQ(entry.threads()[0].totals.blocked_ns(), kSecond);
  EXPECT_EQ(entry.interval_with_threads().threads.size(), 1U);
  EXPECT_EQ(board.whole({10, 1, 0, 0})->wall.elapsed_ns, 2 * kSecond);
}

TEST(Board, WhatWasQuietBeforeIsNotOfThisInterval) {
  Board board;
  const SamplePtr one = sample_at(kSecond, {sleeper_at(kSecond)});
  const SamplePtr two = sample_at(2 * kSecond, {}, {{10, 1}});
  const SamplePtr three = sample_at(3 * kSecond, {}, {{10, 1}});
  const SamplePtr four = sample_at(4 * kSecond, {worker_at(4 * kSecond, kSecond / 4)});
  board.add(one, sample_at(0, {}));
  board.add(two, one);
  board.add(three, two);
  board.add(four, three);
  const Entry& entry = *board.present().at(0);
  EXPECT_EQ(entry.interval.wall.elapsed_ns, kSecond);
  EXPECT_EQ(entry.interval.wall.cpu_ns(), kSecond / 4);
  EXPECT_EQ(entry.interval.wall.io_ns, kSecond - kSecond / 4);
  EXPECT_EQ(entry.interval.totals.lifetime_ns, kSecond);
  EXPECT_EQ(entry.interval.threads[0].totals.blocked_ns(), kSecond - kSecond / 4);
  EXPECT_EQ(board.interval().totals.on_cpu_ns, kSecond / 4);
}

// What a held screen shows.
TEST(Board, ACopyStandsOnItsOwn) {
  const SamplePtr one = sample_at(kSecond, {sleeper_at(kSecond)});
  Board board;
  board.add(one, sample_at(0, {}));
  const Board held = board;
  board.add(sample_at(2 * kSecond, {worker_at(2 * kSecond, kSecond / 4)}), one);
  ASSERT_EQ(held.present().size(), 1U);
  EXPECT_EQ(held.present()[0], held.find({10, 1, 0, 0}));
  EXPECT_NE(held.present()[0], board.find({10, 1, 0, 0}));
  EXPECT_EQ(held.present()[0]->interval.wall.cpu_ns(), 0U);
  EXPECT_EQ(board.present()[0]->interval.wall.cpu_ns(), kSecond / 4);
}

// A thousand processes that end in each interval, for as long as ended ones are kept and longer.
TEST(Board, ManyThatEndAreKeptWithinBounds) {
  constexpr std::uint32_t kEach = 1'000, kIntervals = 130;
  Board board;
  SamplePtr before = sample_at(0, {});
  std::size_t most = 0;
  for (std::uint32_t interval = 1; interval <= kIntervals; ++interval) {
    std::vector<ProcessSample> ended(kEach, sleeper_at(kSecond));
    for (std::uint32_t i = 0; i < kEach; ++i) {
      ended[i].pid = interval * kEach + i;
      ended[i].ended = true;
    }
    const SamplePtr now = sample_at(interval * kSecond, std::move(ended));
    board.add(now, before);
    most = std::max(most, board.size());
    before = now;
  }
  EXPECT_LT(most, 3 * kEach);
  EXPECT_NE(board.find({kIntervals * kEach, 1, 0, 0}), nullptr);
  EXPECT_NE(board.find({(kIntervals - 1) * kEach, 1, 0, 0}), nullptr); // the interval before
  EXPECT_EQ(board.find({kEach, 1, 0, 0}), nullptr);
}

TEST(Board, TheEndedCanStillBeLookedAt) {
  Board board;
  ProcessSample ended = worker_at(kSecond, kSecond / 2);
  ended.ended = true;
  const SamplePtr one = sample_at(kSecond, {ended});
  board.add(one, sample_at(0, {}));
  board.add(sample_at(2 * kSecond, {}), one);
  EXPECT_TRUE(board.present().empty());
  ASSERT_TRUE(board.whole({10, 1, 0, 0}).has_value());
  EXPECT_EQ(board.whole({10, 1, 0, 0})->wall.elapsed_ns, kSecond);
}

} // namespace
} // namespace ctxray::tui
