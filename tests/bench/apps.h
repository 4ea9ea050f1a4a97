// SPDX-License-Identifier: GPL-2.0-or-later
// Whole applications with ctxray beside them, with empty programs, and with nothing.
#pragma once

#include <string>
#include <vector>

namespace ctxray::bench {

struct Mean {
  double value = 0;
  double error = 0; // its standard error
};

struct AppCost {
  std::string name;
  double rate = 0; // with nothing beside it, a second
  Mean empty;      // of that, with programs that return at once on the tracepoints that ctxray uses
  Mean ctxray;
};

// Those that are installed.
std::vector<AppCost> measure_apps(int rounds);

} // namespace ctxray::bench
