// SPDX-License-Identifier: GPL-2.0-or-later
// Processes that sleep: what is known of them at one moment tells what would be read at a later one.
#pragma once

#include <cstdint>

#include "userspace/sample.h"

namespace ctxray {

// Lets `ns` pass for a process of which each thread that lives is blocked, and stays so.
void advance(ProcessSample& process, std::uint64_t ns);

// Such an interval: all counters are those of `ns` asleep.
ProcessSample quiet_interval(const ProcessSample& process, std::uint64_t ns);

} // namespace ctxray
