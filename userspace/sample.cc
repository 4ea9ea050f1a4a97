// SPDX-License-Identifier: GPL-2.0-or-later
// Sums of samples, and the names of the wait reasons.
#include "userspace/sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "userspace/counters.h"

namespace ctxray {

double CallSampling::error(std::uint64_t count) const {
  constexpr double kDeviations = 1.96;
  return kDeviations * std::sqrt(std::max(0.0, weight - 1) * dispersion * static_cast<double>(count));
}

std::uint64_t Calls::moved() const { return std::accumulate(transfers.begin(), transfers.end(), std::uint64_t{0}); }

std::uint64_t Totals::blocked_ns() const {
  std::uint64_t sum = 0;
  for (const WaitTotal& wait : waits) sum += wait.total_ns;
  return sum;
}

std::uint64_t Wall::cpu_ns() const { return std::accumulate(running_ns.begin(), running_ns.end(), std::uint64_t{0}); }

void add(Totals& into, const Totals& other) {
  each_counter(into, other, kSum);
  for (std::size_t i = 0; i < kReasons; ++i) {
    into.waits[i].max_ns = std::max(into.waits[i].max_ns, other.waits[i].max_ns);
    into.waits[i].under_way_ns += other.waits[i].under_way_ns;
  }
}

void add(Histograms& into, const Histograms& other) { each_counter(into, other, kSum); }

void add(Wall& into, const Wall& other) {
  into.running_ns.resize(std::max(into.running_ns.size(), other.running_ns.size()));
  each_counter(into, other, kSum);
}

void add(BlockTotals& into, const BlockTotals& other) { each_counter(into, other, kSum); }

std::uint64_t Coroutines::total() const {
  std::uint64_t sum = 0;
  for (const CoroutineSwitches& one : switches) sum += one.count;
  return sum;
}

void add(Coroutines& into, const Coroutines& other) {
  for (const CoroutineSwitches& one : other.switches) {
    const auto same = [&one](const CoroutineSwitches& it) { return it.runtime == one.runtime; };
    if (auto found = std::find_if(into.switches.begin(), into.switches.end(), same); found != into.switches.end())
      found->count += one.count;
    else
      into.switches.push_back(one);
  }
  into.untold += other.untold;
  into.probe_hits += other.probe_hits;
  into.probe_ns += other.probe_ns;
  into.loop_max_ns = std::max(into.loop_max_ns, other.loop_max_ns);
}

std::uint64_t events_of(const SystemSample& sample) {
  const Totals& totals = sample.totals;
  std::uint64_t events = 2 * (totals.voluntary + totals.involuntary) + totals.hard_count + totals.soft_count;
  if (sample.syscalls)
    for (const SyscallSample& call : *sample.syscalls) events += call.count;
  return events;
}

std::string_view reason_name(Reason reason) {
  static constexpr std::array<std::string_view, kReasons> kNames = {
      "other", "disk",  "network",    "pipe",   "terminal",  "event", "async",   "lock", "parked",
      "sleep", "child", "page fault", "signal", "file lock", "join",  "request", "gil"};
  return kNames[static_cast<std::size_t>(reason)];
}

std::string_view shed_name(Shed shed) {
  static constexpr std::array<std::string_view, kSheds> kNames = {"system calls", "block requests",
                                                                  "wakers and interrupts", "places of waits"};
  return kNames[static_cast<std::size_t>(shed)];
}

} // namespace ctxray
