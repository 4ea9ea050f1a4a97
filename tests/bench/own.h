// SPDX-License-Identifier: GPL-2.0-or-later
// What ctxray itself takes: time to load and to read, memory, CPU.
#pragma once

#include <vector>

namespace ctxray::bench {

struct Crowd {
  int processes = 0;
  int threads = 0; // of each
  double rss_mb = 0;
  double cpu_share = 0;   // of one CPU, at a look each second
  double snapshot_ms = 0; // one sample of changes, in steady state
  double whole_ms = 0;    // one whole sample
  double switch_ns = 0;   // added to each switch of two other processes while all are followed
};

struct OwnCosts {
  double first_sample_ms = 0; // facts, load, attach, seed, read; lower quartile
  std::vector<Crowd> crowds;
};

OwnCosts measure_own();

} // namespace ctxray::bench
