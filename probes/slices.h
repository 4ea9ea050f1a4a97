// SPDX-License-Identifier: GPL-2.0-or-later
// Plans for how long frequent events are looked at, so that it costs little however many there are. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace ctxray {

// A slice with the probe and the time without it around it: together `weight` times as long as the slice, so each event
// in it stands for so many.
struct Cycle {
  std::uint32_t weight = 1; // 1: the probe stays
  std::uint64_t before_ns = 0;
  std::uint64_t slice_ns = 0;
};

class Slices {
 public:
  // Between two looks at the rate while the probe stays.
  static constexpr std::uint64_t kWholeNs = 100'000'000;

  // `event_ns`: what the probe adds to a target's event on this machine.
  explicit Slices(std::uint32_t cpus, double event_ns = kEventNs)
      : cpus_(cpus), event_ns_(std::max(event_ns, kLeastNs)) {}

  // All events are looked at first: nothing is known yet.
  [[nodiscard]] static Cycle first();
  // `events`: of everybody in a slice that lasted `slice_ns`, by CPU.
  Cycle next(const std::vector<std::uint64_t>& events, std::uint64_t slice_ns);
  // Without the probe after such a slice. The probe itself takes up a part of the slice, in which there were fewer
  // events than there would have been.
  [[nodiscard]] std::uint64_t after_ns(const Cycle& cycle, const std::vector<std::uint64_t>& events,
                                       std::uint64_t slice_ns) const;

  // How many events one that was seen stood for, on average.
  [[nodiscard]] double weight() const;
  // Variance of the events in a slice over their mean: 1 where they come independently, more where they come in bursts.
  [[nodiscard]] double dispersion() const;

 private:
  static constexpr double kEventNs = 150, kLeastNs = 100; // a system call: see docs/performance.md

  [[nodiscard]] double productive_ns(const std::vector<std::uint64_t>& events, double slice_ns) const;

  std::uint32_t cpus_;
  double event_ns_;
  std::uint32_t weight_ = 1; // of the slice under way
  double seen_ = 0;
  double stood_for_ = 0;
  double rate_ = 0; // events a nanosecond, in slices so far
  double spread_ = 0;
  double spreads_ = 0;
  std::minstd_rand random_;
};

} // namespace ctxray
