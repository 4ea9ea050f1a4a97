// SPDX-License-Identifier: GPL-2.0-or-later
// Interleaves the tools, so that a machine that gets slower or faster meanwhile does so for all of them.
#include "tests/bench/costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "tests/bench/load.h"
#include "tests/bench/tools.h"
#include "tests/root/support.h"
#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

constexpr int kBlocks = 12;

using Times = std::map<std::string, double>; // by load

class Loads {
 public:
  Loads() {
    for (const LoadKind& kind : load_kinds()) loads_.emplace_back(kind.name, std::make_unique<Load>(kind));
  }
  [[nodiscard]] Times measure() const {
    Times times;
    for (const auto& [name, load] : loads_) times[name] = load->measure(kBlocks);
    return times;
  }
  [[nodiscard]] std::vector<pid_t> pids() const {
    std::vector<pid_t> pids;
    for (const auto& [name, load] : loads_) pids.push_back(load->pid());
    return pids;
  }

 private:
  std::vector<std::pair<std::string, std::unique_ptr<Load>>> loads_;
};

bool is_wanted(const std::string& tool, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(),
                                     [&](const std::string& part) { return tool.find(part) != std::string::npos; });
}

// Others on the machine only ever make a round slower: so the lower quartile of the rounds stands for each.
Cost cost_of(const std::vector<double>& during, double bare_ns) {
  return {quantile(during, 0.25) - bare_ns, quantile(during, 0.5) - quantile(during, 0.25)};
}

} // namespace

const Cost* Costs::find(const std::string& tool, const std::string& load) const {
  const auto of_tool = added.find(tool);
  if (of_tool == added.end()) return nullptr;
  const auto found = of_tool->second.find(load);
  return found == of_tool->second.end() ? nullptr : &found->second;
}

Costs measure_costs(int rounds, const std::vector<std::string>& only) {
  const Loads loads;
  const Child other({"sleep", "100000"});
  Costs costs;
  std::map<std::string, std::map<std::string, std::vector<double>>> all_during;
  std::map<std::string, std::vector<double>> bare;
  const std::vector<Tool> all = tools(loads.pids(), other.pid());
  for (int round = 0; round < rounds; ++round) {
    fmt::print(stderr, "round {} of {}\n", round + 1, rounds);
    for (const Tool& tool : all) {
      if (!is_wanted(tool.name, only) || costs.failed.count(tool.name) > 0) continue;
      try {
        std::unique_ptr<Session> session = tool.start();
        const Times during = loads.measure();
        session.reset();
        const Times after = loads.measure();
        for (const auto& [load, ns] : during) {
          bare[load].push_back(after.at(load));
          all_during[tool.name][load].push_back(ns);
        }
      } catch (const std::exception& error) {
        costs.failed[tool.name] = error.what();
      }
    }
  }
  for (const auto& [load, times] : bare) costs.bare_ns[load] = quantile(times, 0.25);
  for (const Tool& tool : all) {
    if (all_during.count(tool.name) == 0) continue;
    costs.tools.push_back(tool.name);
    for (const auto& [load, times] : all_during[tool.name])
      costs.added[tool.name][load] = cost_of(times, costs.bare_ns[load]);
  }
  return costs;
}

} // namespace ctxray::bench
