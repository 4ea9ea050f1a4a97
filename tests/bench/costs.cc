// SPDX-License-Identifier: GPL-2.0-or-later
// Starts the tools in turn, and measures with each and without it.
#include "tests/bench/costs.h"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>

#include "tests/bench/load.h"
#include "tests/bench/tools.h"
#include "tests/root/support.h"
#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

constexpr int kBlocks = 30; // of each load, with a tool and after it

using Times = std::map<std::string, double>; // by load: ns of an operation

class Loads {
 public:
  Loads() {
    for (const LoadKind& kind : load_kinds()) loads_.emplace_back(kind.name, std::make_unique<Load>(kind));
  }
  // Whatever else happens on a machine only makes a block slower: the lower quartile stands for them.
  [[nodiscard]] Times measure() const {
    std::map<std::string, std::vector<double>> blocks;
    for (int i = 0; i < kBlocks; ++i)
      for (const auto& [name, load] : loads_) blocks[name].push_back(load->measure());
    Times times;
    for (const auto& [name, of_load] : blocks) times[name] = quantile(of_load, 0.25);
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

Cost cost_of(const std::vector<double>& rounds) {
  return {quantile(rounds, 0.5), (quantile(rounds, 0.75) - quantile(rounds, 0.25)) / 2};
}

} // namespace

const Cost* Costs::find(const std::string& tool, const std::string& load) const {
  const auto of_tool = added.find(tool);
  if (of_tool == added.end()) return nullptr;
  const auto found = of_tool->second.find(load);
  return found == of_tool->second.end() ? nullptr : &found->second;
}

// The speed of a machine changes meanwhile, a virtual one's by a third where a neighbour comes or goes. So a tool is
// compared with what was measured just before it started and just after it ended.
Costs measure_costs(int rounds, const std::vector<std::string>& only) {
  const Loads loads;
  const Child other({"sleep", "100000"});
  Costs costs;
  std::map<std::string, std::map<std::string, std::vector<double>>> added; // by tool and load: of each round
  std::map<std::string, std::vector<double>> bare;
  const std::vector<Tool> all = tools(loads.pids(), other.pid());
  Times before = loads.measure();
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
          added[tool.name][load].push_back(ns - (before[load] + after.at(load)) / 2);
          bare[load].push_back(after.at(load));
        }
        before = after;
      } catch (const std::exception& error) {
        costs.failed[tool.name] = error.what();
      }
    }
  }
  for (const auto& [load, times] : bare) costs.bare_ns[load] = quantile(times, 0.5);
  for (const Tool& tool : all) {
    if (added.count(tool.name) == 0) continue;
    costs.tools.push_back(tool.name);
    for (const auto& [load, of_rounds] : added[tool.name]) costs.added[tool.name][load] = cost_of(of_rounds);
  }
  return costs;
}

} // namespace ctxray::bench
