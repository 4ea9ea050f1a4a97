// SPDX-License-Identifier: GPL-2.0-or-later
// Writes and reads figures of cost.
#include "userspace/costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "userspace/format.h"
#include "userspace/text.h"

namespace ctxray {

namespace {

constexpr std::string_view kSchema = "ctxray.cost/1";

// Costs are known to a few digits: "4.21 us", "166 ns".
std::string short_time(double ns) {
  return ns < 100 ? fmt::format("{:.3g} ns", ns) : format_duration(static_cast<std::uint64_t>(ns));
}

// Anybody can have written the file.
bool is_possible(const CostFigure& figure) {
  constexpr double kMostNs = 1e9, kMostSpread = 1e6;
  return figure.ns >= 0 && figure.ns <= kMostNs && figure.spread >= 0 && figure.spread <= kMostSpread;
}

} // namespace

double quantile(std::vector<double> values, double part) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(values.size()) * part);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::optional<double> cost_of(const MachineCosts& costs, std::string_view id) {
  for (const CostFigure& figure : costs)
    if (figure.id == id) return figure.ns;
  return std::nullopt;
}

std::optional<double> switching_ns(const MachineCosts& costs, const Totals& totals) {
  const std::optional<double> process = cost_of(costs, "process_switch"), thread = cost_of(costs, "thread_switch");
  if (!process || !thread) return std::nullopt;
  return static_cast<double>(totals.switch_process) * *process + static_cast<double>(totals.switch_thread) * *thread;
}

std::string cost_table(const MachineCosts& costs) {
  std::string table = fmt::format("{:<58}{:>11}{:>8}\n", "on this machine, each", "cost", "spread");
  for (const CostFigure& figure : costs)
    table += fmt::format("{:<58}{:>11}{:>8}\n", printable(figure.what), short_time(figure.ns),
                         format_percent(figure.spread));
  return table;
}

MachineCosts lowest_of(MachineCosts costs, const MachineCosts& others) {
  for (CostFigure& figure : costs)
    for (const CostFigure& other : others)
      if (other.id == figure.id && other.ns < figure.ns) figure = other;
  return costs;
}

std::string cost_json(const MachineCosts& costs, const std::string& boot) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const CostFigure& figure : costs)
    list.push_back({{"id", figure.id}, {"what", figure.what}, {"ns", figure.ns}, {"spread", figure.spread}});
  return nlohmann::ordered_json{{"schema", kSchema}, {"boot", boot}, {"costs", list}}.dump(
             2, ' ', true, nlohmann::json::error_handler_t::replace) +
         "\n";
}

std::optional<MachineCosts> parse_costs(const std::string& json, const std::string& boot) {
  try {
    const nlohmann::json parsed = nlohmann::json::parse(json);
    if (parsed.at("schema") != kSchema || (!boot.empty() && parsed.value("boot", "") != boot)) return std::nullopt;
    MachineCosts costs;
    for (const nlohmann::json& entry : parsed.at("costs")) {
      costs.push_back({entry.at("id"), entry.at("what"), entry.at("ns"), entry.at("spread")});
      if (!is_possible(costs.back())) return std::nullopt;
    }
    return costs;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string default_cost_path(const char* xdg_cache_home, const char* home) {
  if (xdg_cache_home != nullptr && *xdg_cache_home == '/') return std::string(xdg_cache_home) + "/ctxray/cost.json";
  if (home != nullptr && *home == '/') return std::string(home) + "/.cache/ctxray/cost.json";
  return {};
}

} // namespace ctxray
