// SPDX-License-Identifier: GPL-2.0-or-later
// Puts probes on the functions by which runtimes switch coroutines, and reads what they counted.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bpf/wire.h"
#include "coroutines.skel.h"
#include "probes/coroutine_runtimes.h"
#include "probes/kernel_side.h"
#include "probes/mapped.h"
#include "probes/probe_cost.h"
#include "probes/symbols.h"
#include "userspace/sample.h"

namespace ctxray {

struct CoroutineChoice {
  bool runtimes = false;           // all of the table
  std::vector<std::string> custom; // see CustomRuntime
};

class CoroutineProbes {
 public:
  // Loads the programs and probes what the user named. Throws Error where that cannot be had.
  CoroutineProbes(const KernelSide& kernel, const CoroutineChoice& choice);

  // A file is probed for all processes that map it, now or later; but only those that are accounted are counted.
  void look_at_command(const std::vector<std::string>& command);
  void look_at_process(const std::string& proc, std::uint32_t pid);

  [[nodiscard]] Coroutines read(std::uint32_t slot) const;
  void forget(std::uint32_t slot);
  [[nodiscard]] const CoroutineProbing& probing() const { return probing_; }

 private:
  struct SkeletonDestroy {
    void operator()(coroutines_bpf* skeleton) const { coroutines_bpf::destroy(skeleton); }
  };
  void load(const KernelSide& kernel);
  void probe_custom(const CustomRuntime& custom, std::uint64_t row);
  void look_at_file(const std::string& path, const std::string& shown, bool is_program);
  // False: the kernel refused.
  bool probe(const std::string& path, const ProbePlace& place, std::uint64_t row);

  SymbolFinder symbols_;
  std::vector<CustomRuntime> custom_;
  std::vector<CoroutineRuntime> runtimes_; // a row's place is its number in the kernel; the last are `custom_`
  std::vector<double> hit_ns_;             // by row: what a hit of its probes costs, where they differ at most
  ProbeCost cost_;
  std::unique_ptr<coroutines_bpf, SkeletonDestroy> skeleton_;
  std::vector<ProbeLink> links_;
  MappedArray<coroutine_totals> totals_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_; // device and inode of files
  CoroutineProbing probing_;
};

} // namespace ctxray
