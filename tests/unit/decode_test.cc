// SPDX-License-Identifier: GPL-2.0-or-later
// Decoding conserves time: whatever the state in which a record is caught, its accounts sum to its lifetime.
#include "probes/decode.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

namespace ctxray {
namespace {

constexpr std::uint64_t kStart = 1'000'000;

thread_sample make_thread(std::uint32_t state) {
  thread_sample raw{};
  raw.rec.state = state;
  raw.rec.tid = 42;
  raw.rec.start_ns = kStart;
  raw.rec.syscall = ~0U;
  raw.rec.totals.sums.on_cpu_ns = 100;
  raw.rec.totals.sums.run_queue_ns = 20;
  raw.rec.totals.waits[WAIT_DISK] = {3, 30, 15, 0, 0};
  raw.rec.last_ns = kStart + 150;
  raw.now_ns = kStart + 400;
  std::strcpy(raw.comm, "worker");
  return raw;
}

void expect_conserved(const ThreadSample& thread) {
  const Totals& totals = thread.totals;
  EXPECT_EQ(totals.on_cpu_ns + totals.run_queue_ns + totals.blocked_ns(), totals.lifetime_ns);
}

TEST(DecodeThread, GivesTheIntervalUnderWayToTheCpu) {
  const ThreadSample thread = decode_thread(make_thread(THREAD_ON_CPU));
  EXPECT_EQ(thread.state, ThreadState::kOnCpu);
  EXPECT_EQ(thread.totals.on_cpu_ns, 350U);
  EXPECT_EQ(thread.totals.lifetime_ns, 400U);
  EXPECT_EQ(thread.comm, "worker");
  EXPECT_FALSE(thread.reason.has_value());
  expect_conserved(thread);
}

TEST(DecodeThread, ShowsAWaitUnderWay) {
  thread_sample raw = make_thread(std::uint32_t{THREAD_BLOCKED} | WAIT_SLEEP);
  raw.rec.waiting = 1;
  raw.rec.reason = WAIT_SLEEP;
  raw.rec.syscall = 35;
  const ThreadSample thread = decode_thread(raw);
  EXPECT_EQ(thread.reason, Reason::kSleep);
  EXPECT_EQ(thread.syscall, 35U);
  const WaitTotal& wait = thread.totals.wait(Reason::kSleep);
  EXPECT_EQ(wait.count, 1U);
  EXPECT_EQ(wait.total_ns, 250U);
  EXPECT_EQ(wait.under_way_ns, 250U);
  EXPECT_EQ(wait.max_ns, 250U);
  expect_conserved(thread);
}

TEST(DecodeThread, SplitsAWokenThreadAtItsWakeup) {
  thread_sample raw = make_thread(THREAD_RUN_QUEUE);
  raw.rec.waiting = 1;
  raw.rec.reason = WAIT_PIPE;
  raw.rec.wake_ns = raw.rec.last_ns + 200;
  const ThreadSample thread = decode_thread(raw);
  EXPECT_EQ(thread.totals.wait(Reason::kPipe).total_ns, 200U);
  EXPECT_EQ(thread.totals.wait(Reason::kPipe).under_way_ns, 0U);
  EXPECT_EQ(thread.totals.run_queue_ns, 20U + 50U);
  expect_conserved(thread);
}

TEST(DecodeThread, WokenBeforeItLeftItsCpuWaitedForNothing) {
  thread_sample raw = make_thread(THREAD_RUN_QUEUE);
  raw.rec.waiting = 1;
  raw.rec.reason = WAIT_PIPE;
  raw.rec.wake_ns = raw.rec.last_ns - 5;
  const ThreadSample thread = decode_thread(raw);
  EXPECT_EQ(thread.totals.wait(Reason::kPipe).total_ns, 0U);
  EXPECT_EQ(thread.totals.run_queue_ns, 20U + 250U);
  expect_conserved(thread);
}

TEST(DecodeThread, WakeupAfterTheSnapshotIsCutToIt) {
  thread_sample raw = make_thread(THREAD_RUN_QUEUE);
  raw.rec.waiting = 1;
  raw.rec.reason = WAIT_PIPE;
  raw.rec.wake_ns = raw.now_ns + 1'000;
  const ThreadSample thread = decode_thread(raw);
  EXPECT_EQ(thread.totals.wait(Reason::kPipe).total_ns, 250U);
  expect_conserved(thread);
}

TEST(DecodeThread, TornRecordNeverGoesNegative) {
  thread_sample raw = make_thread(THREAD_ON_CPU);
  raw.now_ns = kStart + 10; // before what is accounted already
  const ThreadSample thread = decode_thread(raw);
  EXPECT_EQ(thread.totals.lifetime_ns, 150U);
  expect_conserved(thread);
}

TEST(DecodeThread, RecordAheadOfItsReaderHasNoLifetimeYet) {
  thread_sample raw = make_thread(THREAD_ON_CPU);
  raw.rec.totals = {};
  raw.now_ns = kStart - 5;
  EXPECT_EQ(decode_thread(raw).totals.lifetime_ns, 0U);
}

TEST(DecodeThread, UnknownReasonOfALaterVersionIsStillCounted) {
  thread_sample raw = make_thread(std::uint32_t{THREAD_BLOCKED} | (WIRE_WAITS - 1));
  raw.rec.waiting = 1;
  raw.rec.reason = WIRE_WAITS - 1;
  expect_conserved(decode_thread(raw));
}

wall make_wall() {
  wall raw{};
  raw.start_ns = kStart;
  raw.since_ns = kStart + 100;
  raw.bucket_ns[WALL_IO] = 60;
  raw.bucket_ns[WALL_RUNNING + 1] = 40;
  return raw;
}

std::uint64_t sum_of(const Wall& wall) {
  return wall.cpu_ns() + wall.starved_ns + wall.io_ns + wall.event_ns + wall.lock_ns + wall.idle_ns;
}

TEST(DecodeWall, GivesTheRestToTheStateThatHolds) {
  struct Case {
    std::uint64_t high, low;
    std::uint64_t Wall::*bucket;
  };
  const Case cases[] = {{0, 0, &Wall::idle_ns},
                        {0, 1ULL << 32, &Wall::lock_ns},
                        {0, 1, &Wall::event_ns},
                        {1ULL << 40, 1, &Wall::io_ns},
                        {1ULL << 16 | 1ULL << 40, 0, &Wall::starved_ns}};
  for (const Case& one : cases) {
    wall raw = make_wall();
    const Wall before = decode_wall(raw, raw.since_ns);
    raw.high = one.high;
    raw.low = one.low;
    const Wall wall = decode_wall(raw, kStart + 175);
    EXPECT_EQ(wall.elapsed_ns, 175U);
    EXPECT_EQ(sum_of(wall), 175U);
    EXPECT_EQ(wall.*one.bucket, before.*one.bucket + 75);
  }
}

TEST(DecodeWall, KeepsRunningThreadsApart) {
  wall raw = make_wall();
  raw.high = 3;
  const Wall wall = decode_wall(raw, kStart + 200);
  EXPECT_EQ(wall.running_ns, (std::vector<std::uint64_t>{0, 40, 100}));
  EXPECT_EQ(sum_of(wall), 200U);
}

TEST(DecodeWall, MoreRunningThanBucketsGoToTheLast) {
  wall raw = make_wall();
  raw.high = 60'000;
  EXPECT_EQ(decode_wall(raw, kStart + 200).running_ns.size(), std::size_t{WIRE_PARALLEL});
}

TEST(DecodeWall, TwentyThousandThreadsInOneStateDoNotRunOver) {
  wall raw = make_wall();
  raw.high = 20'000ULL << 16;
  EXPECT_EQ(decode_wall(raw, kStart + 200).starved_ns, 100U);
  raw.high = 20'000ULL << 40;
  EXPECT_EQ(decode_wall(raw, kStart + 200).io_ns, 160U);
}

TEST(DecodeWall, BucketsShortOfNothingAreEvenedOut) {
  wall raw = make_wall();
  raw.bucket_ns[WALL_STARVED] = static_cast<std::uint64_t>(-7);
  raw.bucket_ns[WALL_IO] = 67;
  const Wall wall = decode_wall(raw, kStart + 100);
  EXPECT_EQ(wall.starved_ns, 0U);
  EXPECT_EQ(sum_of(wall), 100U);
}

TEST(DecodeWall, NoBucketIsLeftShortForAnother) {
  wall raw = make_wall();
  raw.bucket_ns[WALL_IDLE] = 30;
  raw.bucket_ns[WALL_IO] = 70;
  raw.bucket_ns[WALL_STARVED] = static_cast<std::uint64_t>(-90);
  raw.bucket_ns[WALL_RUNNING + 1] = 0;
  const Wall wall = decode_wall(raw, kStart + 10);
  EXPECT_EQ(wall.elapsed_ns, 10U);
  EXPECT_EQ(sum_of(wall), 10U);
  for (const std::uint64_t ns : {wall.idle_ns, wall.io_ns, wall.starved_ns}) EXPECT_LE(ns, 10U);
}

TEST(DecodeWall, ShortOfNothingIsNotCenturies) {
  wall raw{};
  raw.start_ns = kStart;
  raw.bucket_ns[WALL_IO] = static_cast<std::uint64_t>(-7);
  for (const std::uint64_t now_ns : {kStart, kStart + 3}) {
    const Wall wall = decode_wall(raw, now_ns);
    EXPECT_EQ(wall.elapsed_ns, now_ns - kStart);
    EXPECT_EQ(sum_of(wall), now_ns - kStart);
  }
}

TEST(DecodeWall, NotStartedIsEmpty) { EXPECT_EQ(decode_wall(wall{}, 12'345).elapsed_ns, 0U); }

TEST(DecodeProcess, JoinsArgumentsAndEndsAtItsEnd) {
  process_rec raw{};
  raw.pid = 7;
  raw.wall = make_wall();
  raw.end_ns = kStart + 100;
  std::memcpy(raw.args, "tar\0-x\0file", 12);
  std::memcpy(raw.comm, "sixteen-letters!", 16); // no room for a NUL
  raw.hist[WAIT_DISK][5] = 2;
  const ProcessSample process = decode_process(raw, kStart + 9'999);
  EXPECT_EQ(process.command, "tar -x file");
  EXPECT_EQ(process.comm, "sixteen-letters!");
  EXPECT_TRUE(process.ended);
  EXPECT_EQ(process.wall.elapsed_ns, 100U);
  EXPECT_EQ(process.histograms.at(Reason::kDisk)[5], 2U);
}

} // namespace
} // namespace ctxray
