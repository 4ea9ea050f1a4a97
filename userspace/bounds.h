// SPDX-License-Identifier: GPL-2.0-or-later
// The most that a run could gain if one thing cost nothing: bounds from the wall-clock states, not promises.
#pragma once

#include "userspace/shares.h"

namespace ctxray {

// Each at least 1: so many times faster at most. Infinite gains are cut off at kMostSpeedup.
struct Bounds {
  double instant_io = 1;
  double instant_cpu = 1;
  double no_lock = 1;
  double enough_cpus = 1;
  double all_cpus = 1; // if what ran alone were spread over all its CPUs
};
inline constexpr double kMostSpeedup = 1'000;

Bounds bounds_of(const Evidence& evidence);

} // namespace ctxray
