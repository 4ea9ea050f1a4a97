// SPDX-License-Identifier: GPL-2.0-or-later
// Samples made up for tests.
#pragma once

#include "userspace/shares.h"

namespace ctxray {

inline constexpr std::uint64_t kSecond = 1'000'000'000;

// A wall clock of one second with these shares in percent; the rest is idle.
inline Wall wall_of(unsigned cpu, unsigned starved, unsigned io, unsigned event, unsigned lock) {
  constexpr std::uint64_t kPercent = kSecond / 100;
  Wall wall;
  wall.elapsed_ns = kSecond;
  wall.running_ns = {cpu * kPercent};
  wall.starved_ns = starved * kPercent;
  wall.io_ns = io * kPercent;
  wall.event_ns = event * kPercent;
  wall.lock_ns = lock * kPercent;
  wall.idle_ns = (100 - cpu - starved - io - event - lock) * kPercent;
  return wall;
}

inline void set_wait(Totals& totals, Reason reason, std::uint64_t count, std::uint64_t total_ns,
                     std::uint64_t under_way_ns = 0) {
  totals.waits[static_cast<std::size_t>(reason)] = {count, total_ns, total_ns / (count == 0 ? 1 : count), under_way_ns};
}

inline void set_event(Totals& totals, EventEnd end, std::uint64_t count, std::uint64_t total_ns) {
  totals.events[static_cast<std::size_t>(end)] = {count, total_ns};
}

// Evidence of one CPU; where the totals have no waits, those that the wall clock's states call for.
inline Evidence evidence(const Wall& wall, Totals totals = {}, std::uint64_t lost = 0) {
  totals.voluntary += 1'000;
  if (totals.on_cpu_ns == 0) totals.on_cpu_ns = wall.cpu_ns();
  if (totals.blocked_ns() == 0) {
    if (wall.io_ns > 0) set_wait(totals, Reason::kDisk, 1'000, wall.io_ns);
    if (wall.event_ns > 0) set_wait(totals, Reason::kEvent, 1'000, wall.event_ns);
    if (wall.lock_ns > 0) set_wait(totals, Reason::kLock, 1'000, wall.lock_ns);
    if (wall.idle_ns > 0) set_wait(totals, Reason::kSleep, 1'000, wall.idle_ns);
  }
  Evidence made;
  made.wall = wall;
  made.totals = totals;
  made.lost = lost;
  return made;
}

// A program of one thread that reads a file for 70 % of a second.
inline Sample reading_sample() {
  Sample sample;
  sample.now_ns = 5 * kSecond;
  sample.cpus_online = 2;
  sample.threads_seen = 1;
  sample.processes_seen = 1;
  sample.wall = wall_of(25, 0, 70, 0, 0);
  Totals& totals = sample.totals;
  totals.lifetime_ns = kSecond;
  totals.on_cpu_ns = 250'000'000;
  totals.voluntary = 7'001;
  totals.involuntary = 3;
  totals.switch_process = 4;
  totals.switch_resume = 7'000;
  totals.hard_count = 250;
  totals.hard_ns = 2'500'000;
  set_wait(totals, Reason::kDisk, 7'000, 700'000'000);
  set_wait(totals, Reason::kSleep, 1, 50'000'000);
  sample.histograms[Reason::kDisk][16] = 7'000;
  sample.histograms[Reason::kSleep][25] = 1;
  sample.hard = {{"local_timer", 400, 400, 4'000'000, {{0, 300, 3'000'000}, {1, 100, 1'000'000}}}};
  sample.soft = {{"BLOCK", 7'000, 1'000, 7'000'000, {{1, 7'000, 7'000'000}}}};
  sample.syscalls = {{0, "read", 7'010, 2, 1, 0, 7'000, 700'000'000}};
  sample.block.emplace();
  sample.block->totals = {7'000,      0,     28'672'000, 14'000'000, 650'000'000,
                          65'000'000, 7'000, 7'000'000,  14'000'000, 7'000};
  sample.block->stages[1][16] = 7'000;
  totals.calls.all = 7'020;
  totals.calls.transfers[0] = 7'008;
  totals.calls.bytes[0] = 28'672'000;
  sample.overhead.events = 14'258;
  sample.overhead.own_cpu_ns = 80'000'000;
  ProcessSample process;
  process.pid = 4'242;
  process.ppid = 1;
  process.comm = "reader";
  process.command = "reader --fast";
  process.start_ns = 4 * kSecond;
  process.cpus_allowed = 2;
  process.threads_seen = 1;
  process.wall = sample.wall;
  process.totals = totals;
  process.histograms = sample.histograms;
  process.block = sample.block->totals;
  SiteSample site;
  site.reason = Reason::kDisk;
  site.syscall = 0;
  site.object = 3;
  site.count = 7'000;
  site.total_ns = 700'000'000;
  site.max_ns = 100'000;
  site.ended_by[static_cast<std::size_t>(Waker::kSoftInterrupt)] = 7'000;
  site.file.kind = FileKind::kRegular;
  site.file.name = "/var/lib/data";
  process.sites = {site};
  ThreadSample thread;
  thread.tid = 4'242;
  thread.comm = "reader";
  thread.start_ns = process.start_ns;
  thread.state = ThreadState::kBlocked;
  thread.reason = Reason::kDisk;
  thread.totals = totals;
  process.threads = {thread};
  sample.processes = {process};
  return sample;
}

} // namespace ctxray
