// SPDX-License-Identifier: GPL-2.0-or-later
// Plans for how long system calls are looked at, so that it costs little however many there are. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace ctxray {

// A slice with the probe and the time without it around it: together `weight` times as long as the slice, so each call
// in it stands for so many.
struct CallCycle {
  std::uint32_t weight = 1; // 1: the probe stays
  std::uint64_t before_ns = 0;
  std::uint64_t slice_ns = 0;
};

class CallSlices {
 public:
  // `call_ns`: what the probe adds to a target's call on this machine.
  explicit CallSlices(std::uint32_t cpus, double call_ns = kCallNs)
      : cpus_(cpus), call_ns_(std::max(call_ns, kLeastNs)) {}

  // All calls are looked at first: nothing is known yet.
  [[nodiscard]] static CallCycle first();
  // `calls`: of everybody in a slice that lasted `slice_ns`, by CPU.
  CallCycle next(const std::vector<std::uint64_t>& calls, std::uint64_t slice_ns);
  // Without the probe after such a slice. The probe itself takes up a part of the slice, in which fewer calls were made
  // than there would have been.
  [[nodiscard]] std::uint64_t after_ns(const CallCycle& cycle, const std::vector<std::uint64_t>& calls,
                                       std::uint64_t slice_ns) const;

  // How many calls one that was seen stood for, on average.
  [[nodiscard]] double weight() const;
  // Variance of the calls in a slice over their mean: 1 where they come independently, more where they come in bursts.
  [[nodiscard]] double dispersion() const;

 private:
  static constexpr double kCallNs = 150, kLeastNs = 100; // see docs/performance.md

  [[nodiscard]] double productive_ns(const std::vector<std::uint64_t>& calls, double slice_ns) const;

  std::uint32_t cpus_;
  double call_ns_;
  std::uint32_t weight_ = 1; // of the slice under way
  double seen_ = 0;
  double stood_for_ = 0;
  double rate_ = 0; // calls a nanosecond, in slices so far
  double spread_ = 0;
  double spreads_ = 0;
  std::minstd_rand random_;
};

} // namespace ctxray
