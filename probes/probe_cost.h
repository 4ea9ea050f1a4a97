// SPDX-License-Identifier: GPL-2.0-or-later
// Probes in user space, and what a hit of one costs on this machine.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <memory>
#include <string>

namespace ctxray {

struct ProbeLinkDestroy {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using ProbeLink = std::unique_ptr<bpf_link, ProbeLinkDestroy>;

// Probes the instruction at this place of a file, in all processes. Null: the kernel refused (errno). `semaphore`:
// where the file counts who listens (include/linux/uprobes.h: ref_ctr_offset); 0: nowhere.
ProbeLink attach_probe(bpf_program* program, const std::string& path, std::uint64_t offset, std::uint64_t cookie,
                       std::uint64_t semaphore = 0);

// The kernel emulates some instructions (arch_uprobe in arch/x86/kernel/uprobes.c: those that push a register, jumps,
// nop) and runs all others in single steps, which takes a second trap: dear under a hypervisor.
struct ProbeCost {
  double emulated_ns = 0; // 0: could not be measured
  double stepped_ns = 0;

  // By the instruction there.
  [[nodiscard]] double of(const std::string& path, std::uint64_t offset) const;
};

// `cookie`: one with which the program does nothing. Throws Error where probes are not permitted.
ProbeCost measure_probe_cost(bpf_program* program, std::uint64_t cookie);

} // namespace ctxray
