// SPDX-License-Identifier: GPL-2.0-or-later
// Whole applications with ctxray beside them, with other tools, and with nothing.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ctxray::bench {

struct Mean {
  double value = 0;
  double error = 0; // its standard error
};

struct AppCost {
  std::string name;
  double rate = 0;                                  // with nothing beside it, a second
  std::vector<std::pair<std::string, Mean>> beside; // a tool, and how much of the rate is left beside it
};

// ctxray, programs that return at once and the least, or the tools that have a part of `only` in their name.
std::vector<AppCost> measure_apps(int rounds, const std::vector<std::string>& only);

} // namespace ctxray::bench
