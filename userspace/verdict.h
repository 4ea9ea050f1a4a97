// SPDX-License-Identifier: GPL-2.0-or-later
// The verdict: what bounds the program, how sure that is, and the figures it rests on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "userspace/shares.h"

namespace ctxray {

enum class VerdictClass : std::uint8_t { kCpuBound, kIoBound, kLockBound, kStarved, kIdle, kMixed, kUnsure };

struct Verdict {
  VerdictClass verdict_class = VerdictClass::kUnsure;
  std::string detail;               // a few words
  double confidence = 0;            // 0 to 1
  std::vector<std::string> reasons; // full sentences with their figures
};

std::string_view verdict_name(VerdictClass verdict_class);

// Every threshold of the judgement.
struct Thresholds {
  double clear = 0.50;                  // a share from here on can name the verdict,
  double ahead = 1.50;                  // when it is so many times the next: 60 to 40
  double starved_of_demand = 0.25;      // starved part of the time in which it wanted a CPU
  double lock_pressure = 0.33;          // lock waits among the thread time that wanted to go on,
  double lock_spare_cpus = 0.25;        // while such a part of its CPUs was free: locks hold it up
  double handing_over = 0.10;           // time from which handing work over is spoken of
  double lost_all = 0.10;               // lost part of all events, or threads, that leaves no confidence
  double least_confidence = 0.30;       // below it the verdict is "unsure"
  std::uint64_t short_ns = 1'000'000;   // shorter: unsure
  std::uint64_t enough_ns = 50'000'000; // longer: time no longer lowers the confidence
};

Verdict judge(const Evidence& evidence, const Thresholds& thresholds = {});

// The same without the words, which cost more than all the rest.
struct Classified {
  VerdictClass verdict_class = VerdictClass::kUnsure;
  double confidence = 0;
};
Classified classify(const Evidence& evidence, const Thresholds& thresholds = {});

// Lock waits as a part of the thread time that was spent on a CPU, ready to run, or waiting for a lock.
double lock_pressure(const Totals& totals);

// How the I/O was waited for.
enum class IoManner : std::uint8_t { kOneAtATime, kOverlapped, kMultiplexed, kAsynchronous };
IoManner io_manner(const Evidence& evidence);

// I/O waits, or asynchronous requests under way, at the same time, on average, while there were any.
double io_depth(const Evidence& evidence);

} // namespace ctxray
