// SPDX-License-Identifier: GPL-2.0-or-later
// What switches and their like cost on this machine: the figures of `ctxray cost`, and their forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

struct CostFigure {
  std::string id;    // for programs: "process_switch"
  std::string what;  // for people
  double ns = 0;     // of one, what the lowest tenth of short blocks took at most
  double spread = 0; // part of it by which the middle of the blocks is more
};

// In the order in which they are shown.
using MachineCosts = std::vector<CostFigure>;

// The value that this part of the values is below: 0.25 the lower quartile, 0.5 the median. `values` is not empty.
double quantile(std::vector<double> values, double part);

// ns of one; none: it was not measured.
std::optional<double> cost_of(const MachineCosts& costs, std::string_view id);

// An estimate of the time that these switches took, from what one costs here; none: that was not measured.
std::optional<double> switching_ns(const MachineCosts& costs, const Totals& totals);

// Each figure as it was lower: what else a machine does, or its host, only makes things slower.
MachineCosts lowest_of(MachineCosts costs, const MachineCosts& others);

std::string cost_table(const MachineCosts& costs);
// Schema ctxray.cost/1. `boot` names the time since the machine was started, in which the figures stay what they are.
std::string cost_json(const MachineCosts& costs, const std::string& boot);
// What cost_json wrote; none: it is no such text, or is of another boot than this, where one is given.
std::optional<MachineCosts> parse_costs(const std::string& json, const std::string& boot = {});

// $XDG_CACHE_HOME/ctxray/cost.json, or what stands for it; null: the variable is not set. Empty: there is no place.
std::string default_cost_path(const char* xdg_cache_home, const char* home);

} // namespace ctxray
