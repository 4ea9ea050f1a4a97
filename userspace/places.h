// SPDX-License-Identifier: GPL-2.0-or-later
// Which places of waiting matter most.
#pragma once

#include <vector>

#include "userspace/sample.h"

namespace ctxray {

struct PlaceOfWait {
  const ProcessSample* process;
  const SiteSample* site;
};

// What holds a program up (I/O, locks) comes before what it waits for when it has nothing to do; the longest first.
bool matters_more(const SiteSample& a, const SiteSample& b);

// Places with any time, those that matter most first. They point into `processes`.
std::vector<PlaceOfWait> places_by_weight(const std::vector<const ProcessSample*>& processes);

// Of one process; null: it waited nowhere.
const SiteSample* main_place(const ProcessSample& process);

// The reason with most of the waiting, with the wait under way; null: none.
const WaitTotal* main_wait(const Totals& totals, Reason& reason);

} // namespace ctxray
