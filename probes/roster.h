// SPDX-License-Identifier: GPL-2.0-or-later
// Who is there, before anything is known of what they do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

// A sample of names and owners alone; nothing has a time. No more than `most`. `everything`: without kernel threads,
// which the list leaves out while they are idle. `proc`: where procfs is mounted.
Sample read_roster(const std::vector<std::uint32_t>& pids, std::size_t most, bool everything, const std::string& proc);

} // namespace ctxray
