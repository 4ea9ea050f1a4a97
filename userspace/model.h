// SPDX-License-Identifier: GPL-2.0-or-later
// What happened between two samples, with the verdict on it.
#pragma once

#include <vector>

#include "userspace/sample.h"
#include "userspace/verdict.h"

namespace ctxray {

struct Model {
  Sample interval;                // all counters are those of the interval
  Verdict verdict;                // of the group
  std::vector<Verdict> processes; // of interval.processes, in their order
  double parallelism_average = 0; // threads running, over the elapsed time
  double in_flight_average = 0;   // threads running, runnable or in I/O
};

// The whole time accounted so far.
Model make_model(const Sample& current);

// From `previous` to `current`. Where a counter seems to have fallen, it counts as unchanged: a snapshot taken in
// the middle of an event may have put a few nanoseconds into another account than the one after it.
Model make_model(const Sample& current, const Sample& previous);

} // namespace ctxray
