// SPDX-License-Identifier: GPL-2.0-or-later
// Sums of samples, and the names of the wait reasons.
#include "userspace/sample.h"

#include <algorithm>
#include <numeric>

namespace ctxray {

std::uint64_t Totals::blocked_ns() const {
  std::uint64_t sum = 0;
  for (const WaitTotal& wait : waits) sum += wait.total_ns;
  return sum;
}

std::uint64_t Wall::cpu_ns() const { return std::accumulate(running_ns.begin(), running_ns.end(), std::uint64_t{0}); }

void add(Totals& into, const Totals& other) {
  into.lifetime_ns += other.lifetime_ns;
  into.on_cpu_ns += other.on_cpu_ns;
  into.run_queue_ns += other.run_queue_ns;
  into.wakeup_latency_ns += other.wakeup_latency_ns;
  into.voluntary += other.voluntary;
  into.involuntary += other.involuntary;
  into.switch_process += other.switch_process;
  into.switch_thread += other.switch_thread;
  into.switch_resume += other.switch_resume;
  into.missed_switches += other.missed_switches;
  into.inferred += other.inferred;
  into.event_timeouts += other.event_timeouts;
  into.event_timeout_ns += other.event_timeout_ns;
  into.hard_count += other.hard_count;
  into.hard_ns += other.hard_ns;
  into.soft_count += other.soft_count;
  into.soft_ns += other.soft_ns;
  for (std::size_t i = 0; i < kReasons; ++i) {
    into.waits[i].count += other.waits[i].count;
    into.waits[i].total_ns += other.waits[i].total_ns;
    into.waits[i].max_ns = std::max(into.waits[i].max_ns, other.waits[i].max_ns);
    into.waits[i].under_way_ns += other.waits[i].under_way_ns;
  }
}

void add(PerReason<Histogram>& into, const PerReason<Histogram>& other) {
  for (std::size_t reason = 0; reason < kReasons; ++reason)
    for (std::size_t bucket = 0; bucket < kHistogramBuckets; ++bucket) into[reason][bucket] += other[reason][bucket];
}

void add(Wall& into, const Wall& other) {
  into.elapsed_ns += other.elapsed_ns;
  into.idle_ns += other.idle_ns;
  into.lock_ns += other.lock_ns;
  into.event_ns += other.event_ns;
  into.io_ns += other.io_ns;
  into.starved_ns += other.starved_ns;
  into.running_ns.resize(std::max(into.running_ns.size(), other.running_ns.size()));
  for (std::size_t k = 0; k < other.running_ns.size(); ++k) into.running_ns[k] += other.running_ns[k];
}

std::string_view reason_name(Reason reason) {
  static constexpr std::array<std::string_view, kReasons> kNames = {
      "other", "disk",   "network", "pipe",  "terminal",   "event",  "async",
      "lock",  "parked", "sleep",   "child", "page fault", "signal", "file lock"};
  return kNames[static_cast<std::size_t>(reason)];
}

} // namespace ctxray
