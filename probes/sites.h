// SPDX-License-Identifier: GPL-2.0-or-later
// Joins the waits that threads still hold for themselves with the totals of their places.
#pragma once

#include <cstdint>
#include <vector>

#include "bpf/wire.h"

namespace ctxray {

struct Site {
  site_key key;
  site value;
};

// What this thread waited for last, and has not added to its places yet.
void append_runs(std::vector<site_run>& runs, const thread_rec& thread);

// Returns how many waits belong to none of these places.
std::uint64_t add_runs(std::vector<Site>& sites, const std::vector<site_run>& runs);

} // namespace ctxray
