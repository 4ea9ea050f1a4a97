// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutine switches beside those of the kernel: figures for JSON, and sentences.
#pragma once

#include <string>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

// Of all processes of a sample.
Coroutines coroutines_of(const Sample& sample);

// Coroutine switches for each switch of a thread by the kernel; 0 without the latter.
double per_kernel_switch(const Coroutines& coroutines, const Totals& totals);

// Files that a select, poll or epoll found ready, on average over those that found any; 0: system calls are not known.
double events_per_wake(const Totals& totals);

// What the hits of the probes cost the targets, as a part of one CPU.
double probing_cost(const Coroutines& coroutines, std::uint64_t elapsed_ns);

// Their switches, beside the kernel's, and the event loop. Empty without any.
std::vector<std::string> switch_sentences(const Coroutines& coroutines, const Totals& totals, std::uint64_t elapsed_ns);

// The same of a whole sample, with what was probed and what that costs. Empty where coroutines are not probed.
std::vector<std::string> coroutine_sentences(const Sample& sample);

} // namespace ctxray
