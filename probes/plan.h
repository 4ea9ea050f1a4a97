// SPDX-License-Identifier: GPL-2.0-or-later
// Decides from facts and options which programs to load, and says what is missing. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/kernel_facts.h"
#include "userspace/doctor.h"
#include "userspace/sample.h"

namespace ctxray {

// Whose processes alone may be shown: see may_show() in bpf/viewer.bpf.h.
struct Viewer {
  std::uint32_t uid;
  std::uint32_t gid;
};

struct PlanOptions {
  bool everything = false; // every task of the machine
  bool follow = true;
  bool syscalls = true;
  bool call_slices = false;                    // not all of them, but at slices of time where they are many
  bool cpus = false;                           // figures for each CPU are wanted
  std::optional<double> budget = std::nullopt; // see Budget::share
  std::optional<Viewer> viewer = std::nullopt; // none: all are shown
};

struct Plan {
  std::vector<std::string> programs; // names in the BPF object
  std::uint32_t numbers = 0;         // threads have lower ones
  std::uint32_t slots = 0;           // process records, the shared one included
  std::uint32_t sites = 0;           // places where targets wait
  std::uint32_t requests = 0;        // block requests in flight
  std::uint32_t ring_bytes = 0;      // of messages: a power of two, and whole pages
  bool everything = false;
  bool follow = true;
  bool interrupts = false; // all of them are probed, hard and soft, so that it is known who ends waits
  bool syscalls = false;
  bool call_slices = false; // their probe comes and goes
  bool cpus = false;        // switches and run-queue times are kept for each CPU
  bool block = false;       // block requests are probed,
  bool block_start = false; // also their beginning
  bool casts = false;       // programs may read what an address points to by plain loads
  std::optional<double> budget;
  std::optional<Viewer> viewer;
};

// How many records of threads are wanted, with the one that stays empty: as many as there can be threads, but no more
// than 24,576 (52 MB), or twice those that there are.
std::uint32_t records_for(const ThreadLimits& limits);

// Those that can be left out for it; none where it takes no program away.
std::vector<std::string> programs_of(Shed shed);

// Each thing that ctxray can use, with whether it is there, what is lost without it and how to get it.
std::vector<Requirement> check_requirements(const KernelFacts& facts);

// Throws Error with the remedy where something is missing that nothing can be done without.
Plan make_plan(const KernelFacts& facts, const PlanOptions& options);

} // namespace ctxray
