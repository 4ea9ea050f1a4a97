// SPDX-License-Identifier: GPL-2.0-or-later
// Measures what BPF programs cost, in short slices of time: the kernel's own measuring would double the cost of small
// ones.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "probes/fd.h"

namespace ctxray {

// The kernel reads its clock around each run (bpf_prog_run in include/linux/filter.h). About one such reading is in the
// figure; the tracepoint's entry, which is not, takes about as long.
class ProgramMeter {
 public:
  explicit ProgramMeter(std::vector<int> programs); // descriptors

  // Readable when it is time for turn().
  [[nodiscard]] int fd() const { return timer_.get(); }
  // Does what is due; without effect before. True: a slice has ended.
  bool turn();

  // The kernel measures for us: that takes CAP_SYS_ADMIN.
  [[nodiscard]] static bool is_allowed();
  // CPU time per time in the last slice: 1 is a whole CPU. None: there was none yet.
  [[nodiscard]] std::optional<double> rate() const { return rate_; }
  // CPU time from the beginning up to now, as the slices have it. None: as above.
  [[nodiscard]] std::optional<std::uint64_t> total_ns() const;

 private:
  void begin_slice();
  void end_slice();
  [[nodiscard]] std::uint64_t run_ns() const;

  std::vector<int> programs_;
  Fd timer_;
  Fd measuring_;                                   // while open, the kernel measures
  std::uint64_t begin_ns_ = 0, run_before_ns_ = 0; // of the slice
  std::uint64_t end_ns_ = 0;                       // of the last slice; first: where all began
  double sum_ns_ = 0;                              // up to then
  std::optional<double> rate_;
};

} // namespace ctxray
