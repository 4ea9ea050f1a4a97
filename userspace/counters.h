// SPDX-License-Identifier: GPL-2.0-or-later
// Visits the counters of two samples' parts in pairs: the one list of what is added up and subtracted.
#pragma once

#include <algorithm>

#include "userspace/sample.h"

namespace ctxray {

inline constexpr auto kSum = [](std::uint64_t& into, std::uint64_t value) { into += value; };
// A counter that seems to have fallen counts as unchanged.
inline constexpr auto kDifference = [](std::uint64_t& value, std::uint64_t previous) {
  value -= std::min(value, previous);
};

// Each calls f(counter of a, the same of b) for all that only rises; maxima and descriptions are left out.

template <typename F>
void each_counter(Histogram& a, const Histogram& b, F f) {
  for (std::size_t i = 0; i < a.size(); ++i) f(a[i], b[i]);
}

template <typename F>
void each_counter(Histograms& a, const Histograms& b, F f) {
  for (const auto& [reason, histogram] : b) each_counter(a[reason], histogram, f);
}

template <typename F>
void each_counter(Calls& a, const Calls& b, F f) {
  f(a.all, b.all);
  for (std::size_t i = 0; i < kTransfers; ++i) {
    f(a.transfers[i], b.transfers[i]);
    f(a.bytes[i], b.bytes[i]);
  }
  f(a.would_block, b.would_block);
  f(a.multiplex, b.multiplex);
  f(a.multiplex_events, b.multiplex_events);
  f(a.multiplex_empty, b.multiplex_empty);
  f(a.submits, b.submits);
  f(a.submitted, b.submitted);
}

template <typename F>
void each_counter(Totals& a, const Totals& b, F f) {
  f(a.lifetime_ns, b.lifetime_ns);
  f(a.on_cpu_ns, b.on_cpu_ns);
  f(a.run_queue_ns, b.run_queue_ns);
  f(a.wakeup_latency_ns, b.wakeup_latency_ns);
  f(a.voluntary, b.voluntary);
  f(a.involuntary, b.involuntary);
  f(a.switch_process, b.switch_process);
  f(a.switch_thread, b.switch_thread);
  f(a.switch_resume, b.switch_resume);
  f(a.missed_switches, b.missed_switches);
  f(a.inferred, b.inferred);
  f(a.user_ns, b.user_ns);
  f(a.system_ns, b.system_ns);
  f(a.idle_lock_ns, b.idle_lock_ns);
  f(a.hard_count, b.hard_count);
  f(a.hard_ns, b.hard_ns);
  f(a.soft_count, b.soft_count);
  f(a.soft_ns, b.soft_ns);
  for (std::size_t i = 0; i < kReasons; ++i) {
    f(a.waits[i].count, b.waits[i].count);
    f(a.waits[i].total_ns, b.waits[i].total_ns);
  }
  for (std::size_t i = 0; i < kEventEnds; ++i) {
    f(a.events[i].count, b.events[i].count);
    f(a.events[i].total_ns, b.events[i].total_ns);
  }
  each_counter(a.calls, b.calls, f);
}

// Maxima stay those of the whole time: they cannot be subtracted.
inline void subtract(Totals& value, const Totals& previous) {
  each_counter(value, previous, kDifference);
  for (WaitTotal& wait : value.waits) wait.under_way_ns = std::min(wait.under_way_ns, wait.total_ns);
}

template <typename F>
void each_counter(BlockTotals& a, const BlockTotals& b, F f) {
  f(a.requests, b.requests);
  f(a.writes, b.writes);
  f(a.bytes, b.bytes);
  f(a.queue_ns, b.queue_ns);
  f(a.device_ns, b.device_ns);
  f(a.overlapped_ns, b.overlapped_ns);
  f(a.wakeups, b.wakeups);
  f(a.completion_ns, b.completion_ns);
  f(a.run_queue_ns, b.run_queue_ns);
  f(a.queued, b.queued);
}

template <typename F>
void each_counter(BlockSample& a, const BlockSample& b, F f) {
  each_counter(a.totals, b.totals, f);
  for (std::size_t i = 0; i < kBlockStages; ++i) each_counter(a.stages[i], b.stages[i], f);
  f(a.kernel_requests, b.kernel_requests);
  f(a.kernel_bytes, b.kernel_bytes);
}

// Both have the same number of running_ns.
template <typename F>
void each_counter(Wall& a, const Wall& b, F f) {
  f(a.elapsed_ns, b.elapsed_ns);
  f(a.idle_ns, b.idle_ns);
  f(a.lock_ns, b.lock_ns);
  f(a.event_ns, b.event_ns);
  f(a.io_ns, b.io_ns);
  f(a.starved_ns, b.starved_ns);
  for (std::size_t k = 0; k < std::min(a.running_ns.size(), b.running_ns.size()); ++k)
    f(a.running_ns[k], b.running_ns[k]);
}

template <typename F>
void each_counter(SiteSample& a, const SiteSample& b, F f) {
  f(a.count, b.count);
  f(a.total_ns, b.total_ns);
  for (std::size_t i = 0; i < kWakers; ++i) f(a.ended_by[i], b.ended_by[i]);
}

template <typename F>
void each_counter(CpuSample& a, const CpuSample& b, F f) {
  f(a.on_cpu_ns, b.on_cpu_ns);
  f(a.switch_process, b.switch_process);
  f(a.switch_thread, b.switch_thread);
  f(a.switch_resume, b.switch_resume);
  f(a.run_queue_ns, b.run_queue_ns);
  each_counter(a.run_queue, b.run_queue, f);
}

template <typename F>
void each_counter(SyscallSample& a, const SyscallSample& b, F f) {
  f(a.count, b.count);
  f(a.errors, b.errors);
  f(a.eagain, b.eagain);
  f(a.eintr, b.eintr);
  f(a.blocks, b.blocks);
  f(a.blocked_ns, b.blocked_ns);
}

template <typename F>
void each_counter(Loss& a, const Loss& b, F f) {
  f(a.dropped, b.dropped);
  f(a.map_full, b.map_full);
  f(a.recursion_misses, b.recursion_misses);
  f(a.unseeded, b.unseeded);
  f(a.details_dropped, b.details_dropped);
  f(a.inferred, b.inferred);
  f(a.sites_full, b.sites_full);
  f(a.requests_full, b.requests_full);
  f(a.withheld, b.withheld);
}

} // namespace ctxray
