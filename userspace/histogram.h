// SPDX-License-Identifier: GPL-2.0-or-later
// Percentiles from log2 histograms.
#pragma once

#include <cstdint>
#include <optional>

#include "userspace/sample.h"

namespace ctxray {

// The length that `share` (0 to 1) of the waits do not exceed, interpolated within its bucket; none: no wait ended.
std::optional<std::uint64_t> percentile_ns(const Histogram& histogram, double share);

// All 0 where nothing of this reason was met.
const Histogram& histogram_in(const Histograms& histograms, Reason reason);

} // namespace ctxray
