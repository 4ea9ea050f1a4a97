// SPDX-License-Identifier: GPL-2.0-or-later
// Rates of redis-benchmark, pgbench and a compiler, with ctxray on the server or on the build, and with other tools.
#include "tests/bench/apps.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/bench/load.h"
#include "tests/bench/tools.h"
#include "tests/root/support.h"
#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

constexpr int kRuns = 2; // in a round
// Programs run slower after a pause, on this kind of machine by a hundredth, and tools need one to start: all get it.
constexpr std::chrono::milliseconds kPause(1500);

// ctxray is started by the application, which knows what there is to follow.
constexpr const char* kItself = "ctxray";

struct App {
  std::string name;
  std::function<double(const Tool&)> rate; // of a run with the tool beside it
};

Tool nothing() { return floors().front(); }

class Pause {
 public:
  void end() const { std::this_thread::sleep_until(begin_ + kPause); }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

std::string output_of(const Command& command) {
  const Finished finished = run_command(command);
  if (finished.status != 0) throw std::runtime_error(command[0] + ": " + finished.err);
  return finished.out;
}

double figure_in(const std::string& text, const std::string& pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) throw std::runtime_error("no rate in: " + text);
  return std::stod(match[1]);
}

// ctxray follows the server.
double rate_of_client(const Command& client, const std::string& pattern, const std::string& server,
                      const Tool& beside) {
  const Pause pause;
  const std::unique_ptr<Session> session =
      beside.name == kItself ? start_program({kCtxray, "attach", "-p", server}) : beside.start();
  pause.end();
  return figure_in(output_of(client), pattern);
}

App redis() {
  const std::string port = std::to_string(20000 + getpid() % 20000);
  auto server = std::make_shared<Child>(
      Command{"redis-server", "--port", port, "--save", "", "--appendonly", "no", "--daemonize", "no"});
  while (run_command({"redis-cli", "-p", port, "ping"}).out != "PONG\n" && server->alive()) {
  }
  return {"redis-benchmark, GET", [server, port](const Tool& beside) {
            return rate_of_client({"redis-benchmark", "-p", port, "-q", "-t", "get", "-n", "200000"},
                                  R"(GET: ([0-9.]+) requests)", std::to_string(server->pid()), beside);
          }};
}

App postgres() {
  // It takes its server and its folder down with it only where it is asked to end.
  const auto end = [](Child* script) {
    script->send(SIGTERM);
    script->wait();
    delete script;
  };
  const std::shared_ptr<Child> server(new Child(Command{"tests/corpus/postgres.sh", "serve"}), end);
  std::istringstream line(server->read_line());
  std::string pid, folder;
  line >> pid >> folder;
  return {"pgbench, durable", [server, pid, folder](const Tool& beside) {
            return rate_of_client(
                {"runuser", "-u", "postgres", "--", "pgbench", "-h", folder, "-c", "4", "-T", "3", "-n", "postgres"},
                R"(tps = ([0-9.]+))", pid, beside);
          }};
}

App compiler() {
  return {"g++, make -j2", [](const Tool& beside) {
            const Pause pause;
            Command command = {"tests/corpus/make.sh", "2"};
            if (beside.name == kItself) {
              pause.end();
              command.insert(command.begin(), {kCtxray, "run", "-o", "/dev/null", "--json", "/dev/stdout", "--"});
              // It loads before the build begins and reports after its end.
              return 1e9 / Json::parse(output_of(command))["elapsed_ns"].get<double>();
            }
            const std::unique_ptr<Session> session = beside.start();
            pause.end();
            const auto begin = std::chrono::steady_clock::now();
            output_of(command);
            return 1 / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
          }};
}

Mean mean_of(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() < 2 ? 0 : std::sqrt(squares / (count - 1) / count)};
}

// The floors and ctxray; where others are asked for, those.
std::vector<Tool> tools_beside(const std::vector<std::string>& only) {
  std::vector<Tool> all = floors();
  all.push_back({kItself, nullptr});
  const std::vector<Tool> others = peers();
  all.insert(all.end(), others.begin(), others.end());
  const std::vector<std::string>& names = only.empty() ? std::vector<std::string>{kEmpty, kLeast, kItself} : only;
  all.erase(std::remove_if(all.begin(), all.end(), [&](const Tool& tool) { return !is_wanted(tool.name, names); }),
            all.end());
  return all;
}

// The speed of a machine changes meanwhile: a run is compared with the ones before and after it, beside nothing.
AppCost measure(const App& app, const std::vector<Tool>& beside, int rounds) {
  app.rate(nothing()); // with cold caches
  std::vector<double> bare = {app.rate(nothing())};
  std::vector<std::vector<double>> ratios(beside.size());
  for (int i = 0; i < rounds * kRuns; ++i)
    for (std::size_t tool = 0; tool < beside.size(); ++tool) {
      const double rate = app.rate(beside[tool]), before = bare.back();
      bare.push_back(app.rate(nothing()));
      ratios[tool].push_back(rate / ((before + bare.back()) / 2));
    }
  AppCost cost{app.name, quantile(bare, 0.5), {}};
  for (std::size_t tool = 0; tool < beside.size(); ++tool)
    cost.beside.emplace_back(beside[tool].name, mean_of(ratios[tool]));
  return cost;
}

} // namespace

std::vector<AppCost> measure_apps(int rounds, const std::vector<std::string>& only) {
  const std::vector<Tool> beside = tools_beside(only);
  std::vector<AppCost> costs;
  for (const auto make : {redis, postgres, compiler}) costs.push_back(measure(make(), beside, rounds));
  return costs;
}

} // namespace ctxray::bench
