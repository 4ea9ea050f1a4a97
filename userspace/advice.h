// SPDX-License-Identifier: GPL-2.0-or-later
// What to change: a short table of rules, each with the figure that supports it and the most that it can gain.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "userspace/bounds.h"
#include "userspace/io_model.h"
#include "userspace/verdict.h"

namespace ctxray {

struct Advice {
  std::string action;  // what to do
  std::string because; // the figure that supports it
  double gain_max = 1; // so many times faster at most; 1: no gain to be had
};

// All that rules look at.
struct Case {
  const Evidence& evidence;
  const Verdict& verdict;
  const IoModel& io_model;
  const Bounds& bounds;
  std::uint64_t threads = 0;            // seen
  const std::vector<SiteSample>& sites; // of all its processes
};

// Most gain first; never empty: where nothing is to be gained it says so.
std::vector<Advice> advise(const Case& facts);

} // namespace ctxray
