// SPDX-License-Identifier: GPL-2.0-or-later
// Where the kernel keeps its counters of soft interrupts, from its type information.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ctxray {

// Of each CPU's variables, from the address of its run queue on, in bytes.
struct SoftCounters {
  std::int64_t softirqs = 0;      // kstat.softirqs: how many have begun, by vector
  std::int64_t preempt_count = 0; // whether one is served, among others
};

// Takes some 10 ms. Nothing: this kernel does not say, or keeps them elsewhere.
std::optional<SoftCounters> find_soft_counters(const std::string& btf_path);

} // namespace ctxray
