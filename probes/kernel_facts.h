// SPDX-License-Identifier: GPL-2.0-or-later
// What this kernel and these privileges offer. Facts only: what follows from them is in plan.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ctxray {

struct ThreadLimits {
  std::uint32_t threads = 0;         // of all processes now
  std::uint32_t most = 4'194'304;    // that the kernel lets there be
  std::uint32_t numbers = 4'194'304; // they have lower ones; where it is not known, the limit (PID_MAX_LIMIT)
};

struct KernelFacts {
  std::string release; // uname -r
  std::uint32_t cpus_possible = 1;
  std::uint32_t cpus_online = 1;
  std::uint32_t tasks = 0; // processes now, kernel threads too
  ThreadLimits limits;
  // Features found, by name: "btf", "tracepoint:NAME", "struct:NAME", "function:NAME",
  // "capability:NAME", "kernel-memory" (lockdown lets BPF read it), "timer-vector" (timers interrupt by no line of
  // their own, but by a vector of the CPU).
  std::set<std::string> features;
  std::optional<std::string> lockdown; // none, integrity or confidentiality; absent: no lockdown in this kernel

  [[nodiscard]] bool has(const std::string& feature) const { return features.count(feature) > 0; }
};

ThreadLimits read_thread_limits();

// `btf_path`: a BTF file to use in place of the kernel's own; empty: /sys/kernel/btf/vmlinux.
KernelFacts read_kernel_facts(const std::string& btf_path);

// Adds the features that type information (include/uapi/linux/btf.h) proves by the names in it: tracepoints from
// btf_trace_* types, structs and functions. False: it is none. Not more than the names are looked at, since libbpf will
// parse the types once more when it loads programs.
bool add_btf_features(std::string_view types, std::set<std::string>& features);

} // namespace ctxray
