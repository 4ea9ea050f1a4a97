// SPDX-License-Identifier: GPL-2.0-or-later
// Measures what ctxray costs beside other tools, and prints tables; build/bench.json holds the same.
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/bench/apps.h"
#include "tests/bench/costs.h"
#include "tests/bench/load.h"
#include "tests/bench/own.h"

namespace ctxray::bench {
namespace {

using Json = nlohmann::json;

constexpr const char* kJsonPath = "build/bench.json";

void print_costs(const Costs& costs) {
  fmt::print("\n{:<26}", "ns of one operation");
  for (const LoadKind& kind : load_kinds()) fmt::print("{:>17}", kind.name);
  fmt::print("\n{:<26}", "without any tool");
  for (const LoadKind& kind : load_kinds()) fmt::print("{:>17.0f}", costs.bare_ns.at(kind.name));
  fmt::print("\n");
  for (const std::string& tool : costs.tools) {
    fmt::print("{:<26}", tool);
    for (const LoadKind& kind : load_kinds()) {
      const Cost& cost = *costs.find(tool, kind.name);
      fmt::print("{:>17}", fmt::format("{:+.0f} ±{:.0f}", cost.ns, cost.spread));
    }
    fmt::print("\n");
  }
  for (const auto& [tool, why] : costs.failed) fmt::print("{:<26}not measured: {}\n", tool, why);
}

// What is added by one tool is at most so much of what another adds.
struct Bar {
  const char* what;
  const char* load;
  const char* tool;
  const char* against;
  double most;
};

constexpr Bar kBars[] = {
    {"switch, against runqlat", "switch", "ctxray, syscalls off", "runqlat", 0.42},
    {"switch, against cpudist", "switch", "ctxray, syscalls off", "cpudist", 0.62},
    {"switch, against offcputime", "switch", "ctxray, syscalls off", "offcputime", 0.10},
    {"switch, against empty programs", "switch", "ctxray, syscalls off", "empty: all but syscalls", 2.7},
    {"switch of others, against empty", "switch", "ctxray, of another, off", "empty: all but syscalls", 1.5},
    {"system call, against syscount", "syscall", "ctxray, full", "syscount", 0.75},
};

Json check_bars(const Costs& costs) {
  Json list = Json::array();
  fmt::print("\n{:<36}{:>10}{:>10}\n", "added cost, as a ratio", "measured", "bar");
  for (const Bar& bar : kBars) {
    const Cost* mine = costs.find(bar.tool, bar.load);
    const Cost* theirs = costs.find(bar.against, bar.load);
    if (mine == nullptr || theirs == nullptr) {
      fmt::print("{:<36}{:>10}{:>10.2f}\n", bar.what, "unknown", bar.most);
      continue;
    }
    const double ratio = mine->ns / theirs->ns;
    fmt::print("{:<36}{:>10.2f}{:>10.2f}  {}\n", bar.what, ratio, bar.most, ratio <= bar.most ? "holds" : "FAILS");
    list.push_back({{"what", bar.what}, {"ratio", ratio}, {"bar", bar.most}});
  }
  return list;
}

Json costs_json(const Costs& costs) {
  Json json = {{"bare_ns", costs.bare_ns}, {"not_measured", costs.failed}, {"added", Json::object()}};
  for (const auto& [tool, loads] : costs.added)
    for (const auto& [load, cost] : loads) json["added"][tool][load] = {{"ns", cost.ns}, {"spread_ns", cost.spread}};
  return json;
}

Json own_json(const OwnCosts& own) {
  Json crowds = Json::array();
  for (const Crowd& crowd : own.crowds)
    crowds.push_back({{"processes", crowd.processes},
                      {"threads", crowd.processes * crowd.threads},
                      {"resident_mb", crowd.rss_mb},
                      {"cpu_share", crowd.cpu_share},
                      {"snapshot_ms", crowd.snapshot_ms},
                      {"whole_sample_ms", crowd.whole_ms},
                      {"switch_ns", crowd.switch_ns}});
  return {{"first_sample_ms", own.first_sample_ms}, {"crowds", crowds}};
}

void print_own(const OwnCosts& own) {
  fmt::print("\nload, attach and first sample {:>8.0f} ms   (bar 100)\n", own.first_sample_ms);
  fmt::print("{:>10}{:>12}{:>14}{:>12}{:>14}{:>14}{:>14}\n", "threads", "processes", "resident MB", "CPU %",
             "snapshot ms", "all read ms", "ns a switch");
  for (const Crowd& crowd : own.crowds)
    fmt::print("{:>10}{:>12}{:>14.1f}{:>12.2f}{:>14.2f}{:>14.2f}{:>14.0f}\n", crowd.processes * crowd.threads,
               crowd.processes, crowd.rss_mb, crowd.cpu_share * 100, crowd.snapshot_ms, crowd.whole_ms,
               crowd.switch_ns);
}

Json apps_json(const std::vector<AppCost>& apps) {
  Json list = Json::array();
  for (const AppCost& app : apps) {
    Json beside = Json::object();
    for (const auto& [tool, left] : app.beside) beside[tool] = {{"ratio", left.value}, {"standard_error", left.error}};
    list.push_back({{"name", app.name}, {"rate", app.rate}, {"beside", beside}});
  }
  return list;
}

void print_apps(const std::vector<AppCost>& apps) {
  fmt::print("\n{:<26}", "rate that is left");
  for (const AppCost& app : apps) fmt::print("{:>21}", app.name);
  fmt::print("\n{:<26}", "a second, without any tool");
  for (const AppCost& app : apps) fmt::print("{:>21.4g}", app.rate);
  fmt::print("\n");
  for (std::size_t tool = 0; tool < apps[0].beside.size(); ++tool) {
    fmt::print("{:<26}", apps[0].beside[tool].first);
    for (const AppCost& app : apps) {
      const Mean& left = app.beside[tool].second;
      fmt::print("{:>21}", fmt::format("{:.3f} ±{:.3f}", left.value, left.error));
    }
    fmt::print("{}\n", apps[0].beside[tool].first == "ctxray" ? "   (bar 0.98)" : "");
  }
}

// Some of the peers need it, and end at once where nobody has mounted it yet; where it is there, this changes nothing.
void mount_tracefs() { mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr); }

int run(int argc, char** argv) {
  CLI::App app("Measures what ctxray costs, beside other tools");
  int rounds = 7;
  std::string part;
  std::vector<std::string> only;
  app.add_option("--rounds", rounds, "so many rounds")->capture_default_str();
  app.add_option("--part", part, "just this part")->check(CLI::IsMember({"costs", "own", "apps"}));
  app.add_option(
      "--tool", only,
      "just the tools with this in their name, beside applications also others than ctxray; may be given again");
  CLI11_PARSE(app, argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0); // each table as soon as it is known, in a file too
  mount_tracefs();
  utsname names{};
  uname(&names);
  Json json = {{"kernel", names.release}, {"cpus", sysconf(_SC_NPROCESSORS_ONLN)}, {"rounds", rounds}};
  if (part.empty() || part == "costs") {
    const Costs costs = measure_costs(rounds, only);
    print_costs(costs);
    json["costs"] = costs_json(costs);
    json["bars"] = check_bars(costs);
  }
  if (part.empty() || part == "own") {
    const OwnCosts own = measure_own();
    print_own(own);
    json["own"] = own_json(own);
  }
  if (part.empty() || part == "apps") {
    const std::vector<AppCost> apps = measure_apps(rounds, only);
    print_apps(apps);
    json["apps"] = apps_json(apps);
  }
  std::ofstream(kJsonPath) << json.dump(2) << "\n";
  fmt::print("\nwritten to {}\n", kJsonPath);
  return 0;
}

} // namespace
} // namespace ctxray::bench

int main(int argc, char** argv) { return ctxray::bench::run(argc, argv); }
