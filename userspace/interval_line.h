// SPDX-License-Identifier: GPL-2.0-or-later
// One line per interval, in the manner of vmstat.
#pragma once

#include <string>

#include "userspace/fields.h"

namespace ctxray {

// Two lines of titles.
std::string interval_header();

std::string interval_line(const GroupView& view);

} // namespace ctxray
