// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of faults and load share: their sizes, the figures that they reached, the kernel's last words.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>

#include "tests/root/support.h"

namespace ctxray {

// `make test-faults` sets CTXRAY_LONG and takes the whole; `make test` is to be quick.
int size_of(int quick, int whole);

// Prints a figure that a test has reached, and records it with the test's results.
void reached(const std::string& what, double figure);

// What the kernel said of a process and all its descendants that are gone, as the workloads print it.
struct LastWords {
  std::uint32_t pid = 0;
  double voluntary = 0;
  double involuntary = 0;
  double cpu_us = 0;
};
LastWords parse_last_words(const std::string& output);

// What the workload `storm` prints.
struct Storm {
  LastWords most;       // what its parent was told at its end
  double voluntary = 0; // what each process or thread knew just before its end, summed
  double involuntary = 0;
  double ends = 0;          // processes or threads that said so
  std::uint32_t parent = 0; // the process that printed this, whose own figures are in none of these
};
Storm parse_storm(const std::string& output);

// Switches counted by ctxray lie between these two accounts of the kernel's; `more`: voluntary ones beside the storm's.
// `last`: switches that ended a thread and are in the first account, which ctxray counts for nobody.
void expect_between(const Storm& storm, double voluntary, double involuntary, double more = 3, double last = 0);

// A workload of build/workloads, run to its end under `ctxray run`; its process equals what the kernel said of it.
void expect_equals_last_words(const JsonRun& run);

// Looks again and again, for some ten seconds, where no event tells.
template <typename Condition>
bool eventually(Condition holds) {
  constexpr int kTries = 1'000;
  for (int tries = 0; tries < kTries; ++tries) {
    if (holds()) return true;
    usleep(10'000);
  }
  return holds();
}

// Runs a shell script in a mount namespace of its own.
Finished run_apart(const std::string& script);

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

} // namespace ctxray
