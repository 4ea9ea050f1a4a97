// SPDX-License-Identifier: GPL-2.0-or-later
// What each tool adds to one operation of each load.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace ctxray::bench {

struct Cost {
  double ns = 0;     // added to one operation
  double spread = 0; // half of what the middle half of the rounds spans
};

struct Costs {
  std::map<std::string, double> bare_ns;                    // by load: an operation without any tool
  std::vector<std::string> tools;                           // in the order of the table
  std::map<std::string, std::map<std::string, Cost>> added; // by tool and load
  std::map<std::string, std::string> failed;                // tools that did not start, and why

  // What a tool adds to a load; none: it was not measured.
  [[nodiscard]] const Cost* find(const std::string& tool, const std::string& load) const;
};

// Each round measures every tool once, and nothing after it. `only`: tools with this in their name.
Costs measure_costs(int rounds, const std::vector<std::string>& only);

} // namespace ctxray::bench
