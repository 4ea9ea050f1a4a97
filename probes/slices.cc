// SPDX-License-Identifier: GPL-2.0-or-later
// The more events, the smaller the part of them that is looked at.
#include "probes/slices.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ctxray {

namespace {

// Of the machine's CPUs may go into the probe. In slices less: with its comings and goings it costs as much again.
constexpr double kMostShare = 0.004, kSlicedShare = 0.001;
constexpr std::uint64_t kLeastSliceNs = 5'000'000, kMostSliceNs = 20'000'000, kCycleNs = 320'000'000;
// Between: the probe goes and comes at the kernel's pace, a grace period each time.
constexpr std::uint32_t kLeastWeight = 4, kMostWeight = 64;
constexpr double kLeastPart = 0.2; // of a slice is left to the programs

double sum_of(const std::vector<std::uint64_t>& events) { return std::accumulate(events.begin(), events.end(), 0.0); }

} // namespace

Cycle Slices::first() { return {1, 0, kWholeNs / 2}; }

Cycle Slices::next(const std::vector<std::uint64_t>& events, std::uint64_t slice_ns) {
  const double count = sum_of(events), length = static_cast<double>(std::max<std::uint64_t>(slice_ns, 1));
  if (weight_ > 1 && rate_ > 0) {
    const double expected = rate_ * length;
    spread_ += (count - expected) * (count - expected) / expected;
    spreads_ += 1;
  }
  const double rate = count / length;
  rate_ = rate_ == 0 ? rate : 0.9 * rate_ + 0.1 * rate;
  seen_ += count;
  stood_for_ += count * weight_;

  const double share = rate * event_ns_ / cpus_;
  Cycle cycle;
  if (share > kMostShare)
    cycle.weight = static_cast<std::uint32_t>(std::clamp(
        std::ceil(share / kSlicedShare), static_cast<double>(kLeastWeight), static_cast<double>(kMostWeight)));
  weight_ = cycle.weight;
  cycle.slice_ns = weight_ > 1 ? std::clamp(kCycleNs / weight_, kLeastSliceNs, kMostSliceNs) : kWholeNs;
  // Anywhere in the cycle, lest it keep step with what the targets do.
  const double part = static_cast<double>(random_()) / static_cast<double>(std::minstd_rand::max());
  cycle.before_ns = static_cast<std::uint64_t>(part * static_cast<double>(cycle.slice_ns * (weight_ - 1)));
  return cycle;
}

// What was left of the slice to the CPU on which the average event was.
double Slices::productive_ns(const std::vector<std::uint64_t>& events, double slice_ns) const {
  double weighted = 0;
  for (const std::uint64_t count : events) weighted += static_cast<double>(count) * static_cast<double>(count);
  const double probe_ns = weighted == 0 ? 0 : event_ns_ * weighted / sum_of(events);
  return std::max(slice_ns - probe_ns, kLeastPart * slice_ns);
}

std::uint64_t Slices::after_ns(const Cycle& cycle, const std::vector<std::uint64_t>& events,
                               std::uint64_t slice_ns) const {
  if (cycle.weight == 1) return 0;
  const double length = static_cast<double>(slice_ns);
  const double without = cycle.weight * productive_ns(events, length) - length;
  return static_cast<std::uint64_t>(std::max(0.0, without - static_cast<double>(cycle.before_ns)));
}

double Slices::weight() const { return seen_ > 0 ? stood_for_ / seen_ : 1; }

double Slices::dispersion() const { return spreads_ > 0 ? std::max(1.0, spread_ / spreads_) : 1; }

} // namespace ctxray
