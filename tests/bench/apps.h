// SPDX-License-Identifier: GPL-2.0-or-later
// Whole applications with ctxray beside them, and without.
#pragma once

#include <string>
#include <vector>

namespace ctxray::bench {

struct AppCost {
  std::string name;
  double rate = 0;  // without ctxray, a second
  double ratio = 0; // with it, of that; median of the rounds
  double spread = 0;
};

// Those that are installed.
std::vector<AppCost> measure_apps(int rounds);

} // namespace ctxray::bench
