// SPDX-License-Identifier: GPL-2.0-or-later
// Adds time to the waits that are under way, and to the state of the wall clock that they make.
#include "userspace/quiet.h"

#include <algorithm>

#include "userspace/counters.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

void wait_on(Totals& totals, Reason reason, std::uint64_t ns, std::uint64_t longest_ns) {
  WaitTotal& wait = totals.waits[static_cast<std::size_t>(reason)];
  totals.lifetime_ns += ns;
  wait.total_ns += ns;
  wait.under_way_ns += ns;
  wait.max_ns = std::max(wait.max_ns, longest_ns);
}

// The account of the wall clock that passes while these threads sleep.
std::uint64_t& account_of(ProcessSample& process) {
  std::array<bool, 4> any{};
  for (const ThreadSample& thread : process.threads)
    if (thread.state == ThreadState::kBlocked)
      any.at(static_cast<std::size_t>(wall_class(thread.reason.value_or(Reason::kOther)))) = true;
  if (any[static_cast<std::size_t>(WallClass::kIo)]) return process.wall.io_ns;
  if (any[static_cast<std::size_t>(WallClass::kEvent)]) return process.wall.event_ns;
  return any[static_cast<std::size_t>(WallClass::kLock)] ? process.wall.lock_ns : process.wall.idle_ns;
}

} // namespace

void advance(ProcessSample& process, std::uint64_t ns) {
  for (ThreadSample& thread : process.threads) {
    if (thread.state != ThreadState::kBlocked) continue;
    const Reason reason = thread.reason.value_or(Reason::kOther);
    const std::uint64_t under_way = thread.totals.wait(reason).under_way_ns + ns;
    wait_on(thread.totals, reason, ns, under_way);
    wait_on(process.totals, reason, ns, under_way);
  }
  if (process.ended) return;
  process.wall.elapsed_ns += ns;
  account_of(process) += ns;
}

ProcessSample quiet_interval(const ProcessSample& process, std::uint64_t ns) {
  ProcessSample interval = process;
  const auto none = [](std::uint64_t& counter, std::uint64_t) { counter = 0; };
  const auto clear = [&none](Totals& totals) {
    each_counter(totals, totals, none);
    for (WaitTotal& wait : totals.waits) wait.under_way_ns = 0;
  };
  each_counter(interval.wall, interval.wall, none);
  clear(interval.totals);
  interval.histograms.clear();
  each_counter(interval.block, interval.block, none);
  interval.sites.clear();
  for (ThreadSample& thread : interval.threads) {
    clear(thread.totals);
    thread.histograms.clear();
  }
  advance(interval, ns);
  return interval;
}

} // namespace ctxray
