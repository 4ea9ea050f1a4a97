// SPDX-License-Identifier: GPL-2.0-or-later
// Lets the probe of frequent events come and go as its slices want it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "probes/fd.h"
#include "probes/slices.h"
#include "userspace/sample.h"

namespace ctxray {

// What a sampler does with its probe.
struct SampledProbe {
  std::function<bool(std::uint32_t weight)> begin;  // a slice; false: the kernel refused
  std::function<bool()> end;                        // false: it has to stay
  std::function<std::vector<std::uint64_t>()> seen; // events of everybody in all slices, by CPU
};

class Sampler {
 public:
  // `event_ns`: measured where it is not given, by system calls. The probe is there when this returns.
  Sampler(SampledProbe probe, std::uint32_t cpus, std::optional<double> event_ns = {});

  // Readable when it is time for turn().
  [[nodiscard]] int fd() const { return timer_.get(); }
  // Does what is due; without effect before.
  void turn();
  [[nodiscard]] CallSampling sampling() const { return {slices_.weight(), slices_.dispersion()}; }

 private:
  void begin_slice();
  void end_slice();
  void wake_after(std::uint64_t ns);

  SampledProbe probe_;
  Fd timer_;
  Slices slices_;
  Cycle cycle_;
  bool on_ = false;
  bool refused_ = false; // the probe had to stay
  std::uint64_t due_ns_ = 0;
  std::uint64_t begin_ns_ = 0;               // of the slice
  std::vector<std::uint64_t> events_before_; // by CPU
};

} // namespace ctxray
