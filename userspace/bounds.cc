// SPDX-License-Identifier: GPL-2.0-or-later
// Takes states away from the wall clock.
#include "userspace/bounds.h"

#include <algorithm>

#include "userspace/verdict.h"

namespace ctxray {

namespace {

// The gain of a run that is this part shorter.
double without(double part) { return part >= 1 ? kMostSpeedup : std::min(kMostSpeedup, 1 / (1 - std::max(0.0, part))); }

} // namespace

Bounds bounds_of(const Evidence& evidence) {
  const Shares shares = shares_of(evidence);
  const Totals& totals = evidence.totals;
  const double elapsed = static_cast<double>(std::max<std::uint64_t>(evidence.wall.elapsed_ns, 1));
  const double running = static_cast<double>(totals.on_cpu_ns) / elapsed;
  const double locks = lock_pressure(totals);
  // While threads ran, others were ready or waited for locks: without that the same work takes so much less. In the
  // starved state at least one was ready; that time is in shares.starved already.
  const std::uint64_t apart_ns = totals.wakeup_latency_ns + evidence.wall.starved_ns;
  const std::uint64_t beside_ns = totals.run_queue_ns - std::min(totals.run_queue_ns, apart_ns);
  const double queued = shares.cpu * ratio(beside_ns, totals.on_cpu_ns + beside_ns);
  const double spare = evidence.cpus <= 0 ? 0 : std::max(0.0, 1 - running / evidence.cpus);
  const double locked = shares.cpu * std::min(locks, spare);
  double spread = 0; // time saved where fewer ran than there are CPUs
  for (std::size_t k = 0; k < evidence.wall.running_ns.size(); ++k) {
    const double threads = static_cast<double>(k + 1);
    if (threads < evidence.cpus)
      spread += static_cast<double>(evidence.wall.running_ns[k]) / elapsed * (1 - threads / evidence.cpus);
  }
  Bounds bounds;
  bounds.instant_io = without(shares.io);
  bounds.instant_cpu = without(shares.cpu + shares.starved);
  bounds.no_lock = without(shares.lock + locked);
  bounds.enough_cpus = without(shares.starved + queued);
  bounds.all_cpus = without(spread);
  return bounds;
}

} // namespace ctxray
