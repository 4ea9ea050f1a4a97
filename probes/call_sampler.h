// SPDX-License-Identifier: GPL-2.0-or-later
// Lets the system call probe come and go as its slices want it.
#pragma once

#include <cstdint>
#include <vector>

#include "probes/call_slices.h"
#include "probes/fd.h"
#include "probes/kernel_side.h"
#include "userspace/sample.h"

namespace ctxray {

class CallSampler {
 public:
  // The probe is there when this returns.
  CallSampler(KernelSide& kernel, std::uint32_t cpus);

  // Readable when it is time for turn().
  [[nodiscard]] int fd() const { return timer_.get(); }
  // Does what is due; without effect before.
  void turn();
  [[nodiscard]] CallSampling sampling() const { return {slices_.weight(), slices_.dispersion()}; }

 private:
  void begin_slice();
  void end_slice();
  void wake_after(std::uint64_t ns);

  KernelSide& kernel_;
  Fd timer_;
  CallSlices slices_;
  CallCycle cycle_;
  bool on_ = false;
  std::uint64_t due_ns_ = 0;
  std::uint64_t begin_ns_ = 0;              // of the slice
  std::vector<std::uint64_t> calls_before_; // by CPU
};

} // namespace ctxray
