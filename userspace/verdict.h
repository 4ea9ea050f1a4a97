// SPDX-License-Identifier: GPL-2.0-or-later
// The verdict: what bounds the program, how sure that is, and the figures it rests on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

enum class VerdictClass : std::uint8_t { kCpuBound, kIoBound, kLockBound, kStarved, kIdle, kMixed, kUnsure };

struct Verdict {
  VerdictClass verdict_class = VerdictClass::kUnsure;
  std::string detail;               // a few words
  double confidence = 0;            // 0 to 1
  std::vector<std::string> reasons; // full sentences with their figures
};

std::string_view verdict_name(VerdictClass verdict_class);

// Shares of the elapsed time, each 0 to 1, that sum to 1. They differ from the wall clock's states in this:
// - The event state is split: what a wake from outside ended was I/O; what a timer ended, or nothing yet, was idle.
// - A lock wait that nothing has ended yet is idle.
// - Starved time that is only the latency of an idle CPU in taking up a woken thread goes to what it had waited for.
struct Shares {
  double cpu = 0;
  double starved = 0;
  double io = 0;
  double lock = 0;
  double idle = 0;
};
Shares shares_of(const Wall& wall, const Totals& totals);

// Every threshold of the judgement.
struct Thresholds {
  double clear = 0.50;                  // a share from here on can name the verdict,
  double ahead = 1.5;                   // when it is so many times the next
  double starved_of_demand = 0.25;      // starved part of the time in which it wanted a CPU
  double lost_all = 0.10;               // lost part of all events that leaves no confidence
  double least_confidence = 0.30;       // below it the verdict is "unsure"
  std::uint64_t short_ns = 1'000'000;   // shorter: unsure
  std::uint64_t enough_ns = 50'000'000; // longer: time no longer lowers the confidence
};

struct Evidence {
  const Wall& wall;
  const Totals& totals;
  std::uint64_t lost = 0; // events not seen
};

Verdict judge(const Evidence& evidence, const Thresholds& thresholds = {});

} // namespace ctxray
