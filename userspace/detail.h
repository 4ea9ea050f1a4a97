// SPDX-License-Identifier: GPL-2.0-or-later
// The few words that a verdict adds to its class.
#pragma once

#include <string>

#include "userspace/verdict.h"

namespace ctxray {

std::string detail_of(VerdictClass verdict_class, const Evidence& evidence);

std::string idle_detail(const Totals& totals);
std::string io_detail(const Evidence& evidence);  // the kinds of I/O
std::string cpu_detail(const Evidence& evidence); // what the CPUs did, and how many

// Hardly ever two threads on CPUs at once.
bool runs_one_at_a_time(const Wall& wall);
// Several threads have work, but only one at a time does it although there are CPUs for more.
bool takes_turns(const Evidence& evidence);
// They do so for the lock of their interpreter.
bool takes_turns_under_gil(const Evidence& evidence);
// They do so waiting for one another's futexes, which may be a lock or work handed over: it cannot be told.
bool takes_turns_untold(const Evidence& evidence);

} // namespace ctxray
