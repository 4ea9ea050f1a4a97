// SPDX-License-Identifier: GPL-2.0-or-later
// What happened between two samples, and the judgement on it.
#pragma once

#include <set>
#include <vector>

#include "userspace/advice.h"
#include "userspace/bounds.h"
#include "userspace/io_model.h"
#include "userspace/sample.h"
#include "userspace/verdict.h"

namespace ctxray {

// All that is said of a thread, a process or a group.
struct Judgement {
  Verdict verdict;
  IoModel io_model;
  Bounds bounds;
  std::vector<Advice> advice;     // none for threads
  double cpus = 1;                // that it may use
  double parallelism_average = 0; // threads running, over the elapsed time
  double in_flight_average = 0;   // threads running, runnable or in I/O
};

struct Model {
  Sample interval;                  // all counters are those of the interval
  Judgement group;                  // the followed tree, or the machine
  std::vector<Judgement> processes; // of interval.processes, in their order
};

// The whole time accounted so far.
Model make_model(const Sample& current);

// From `previous` to `current`. Where a counter seems to have fallen, it counts as unchanged: a snapshot taken in
// the middle of an event may have put a few nanoseconds into another account than the one after it.
Model make_model(const Sample& current, const Sample& previous);

// Counters of `current` less those of `previous`, in the same way.
SystemSample difference(const SystemSample& current, const SystemSample& previous);
ProcessSample difference(const ProcessSample& current, const ProcessSample& previous);

// What the verdicts rest on.
Evidence evidence_of(const SystemSample& interval, const std::vector<const ProcessSample*>& processes);
Evidence evidence_of(const Sample& interval);
Evidence evidence_of(const ProcessSample& process, std::uint32_t cpus_online);
Evidence evidence_of(const ThreadSample& thread);

// `evidence`: of the group; `sites`: of all its processes.
Judgement judge_group(const SystemSample& interval, const Evidence& evidence, const std::vector<SiteSample>& sites);
// `calls_known`: system calls were probed.
Judgement judge_process(const ProcessSample& process, std::uint32_t cpus_online, bool calls_known);
Judgement judge_thread(const ThreadSample& thread, bool calls_known);

} // namespace ctxray
