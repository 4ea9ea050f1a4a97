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

constexpr int kBlocks = 30;     // of each load, in each round
constexpr double kQuick = 1.08; // a block as slow as that, against the quickest ones, is quick

using Blocks = std::map<std::string, std::vector<double>>; // by load, ns of an operation in each

void append(Blocks& all, const Blocks& more) {
  for (const auto& [load, blocks] : more) all[load].insert(all[load].end(), blocks.begin(), blocks.end());
}

class Loads {
 public:
  Loads() {
    for (const LoadKind& kind : load_kinds()) loads_.emplace_back(kind.name, std::make_unique<Load>(kind));
  }
  [[nodiscard]] Blocks measure() const {
    Blocks blocks;
    for (int i = 0; i < kBlocks; ++i)
      for (const auto& [name, load] : loads_) blocks[name].push_back(load->measure());
    return blocks;
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

// What else happens on a machine only makes blocks slower; a neighbour on a virtual machine's host does by a third, for
// seconds on end. The quick blocks are those that nothing slowed down.
std::vector<double> quick_of(std::vector<double> blocks) {
  const double limit = kQuick * quantile(blocks, 0.02);
  blocks.erase(std::remove_if(blocks.begin(), blocks.end(), [&](double ns) { return ns > limit; }), blocks.end());
  return blocks;
}

double middle_of(const std::vector<double>& blocks) { return quantile(quick_of(blocks), 0.5); }

Cost cost_of(const std::vector<double>& blocks, double bare_ns) {
  const std::vector<double> quick = quick_of(blocks);
  return {quantile(quick, 0.5) - bare_ns, (quantile(quick, 0.75) - quantile(quick, 0.25)) / 2};
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
  std::map<std::string, Blocks> during;
  Blocks bare;
  const std::vector<Tool> all = tools(loads.pids(), other.pid());
  for (int round = 0; round < rounds; ++round) {
    fmt::print(stderr, "round {} of {}\n", round + 1, rounds);
    for (const Tool& tool : all) {
      if (!is_wanted(tool.name, only) || costs.failed.count(tool.name) > 0) continue;
      try {
        std::unique_ptr<Session> session = tool.start();
        append(during[tool.name], loads.measure());
        session.reset();
        append(bare, loads.measure());
      } catch (const std::exception& error) {
        costs.failed[tool.name] = error.what();
      }
    }
  }
  for (const auto& [load, blocks] : bare) costs.bare_ns[load] = middle_of(blocks);
  for (const Tool& tool : all) {
    if (during.count(tool.name) == 0) continue;
    costs.tools.push_back(tool.name);
    for (const auto& [load, blocks] : during[tool.name])
      costs.added[tool.name][load] = cost_of(blocks, costs.bare_ns[load]);
  }
  return costs;
}

} // namespace ctxray::bench
