// SPDX-License-Identifier: GPL-2.0-or-later
// Rates of redis-benchmark, pgbench and a compiler, with ctxray on the server or on the build, and with empty programs.
#include "tests/bench/apps.h"

#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/bench/load.h"
#include "tests/bench/tools.h"
#include "tests/root/support.h"
#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

enum class Beside { kNothing, kEmpty, kCtxray };

constexpr int kRuns = 3; // in a round: they differ more than those of the small loads

struct App {
  std::string name;
  std::function<double(Beside)> rate; // of a run
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

// The client's rate, where it is ctxray that is beside it while that follows the server.
double rate_of_client(const Command& client, const std::string& pattern, const std::string& server, Beside beside) {
  std::unique_ptr<Session> session;
  if (beside == Beside::kEmpty) session = start_empty();
  if (beside == Beside::kCtxray) session = start_program({kCtxray, "attach", "-p", server});
  return figure_in(output_of(client), pattern);
}

App redis() {
  const std::string port = std::to_string(20000 + getpid() % 20000);
  auto server = std::make_shared<Child>(
      Command{"redis-server", "--port", port, "--save", "", "--appendonly", "no", "--daemonize", "no"});
  while (run_command({"redis-cli", "-p", port, "ping"}).out != "PONG\n" && server->alive()) {
  }
  return {"redis-benchmark, GET", [server, port](Beside beside) {
            return rate_of_client({"redis-benchmark", "-p", port, "-q", "-t", "get", "-n", "80000"},
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
  return {"pgbench, durable", [server, pid, folder](Beside beside) {
            return rate_of_client(
                {"runuser", "-u", "postgres", "--", "pgbench", "-h", folder, "-c", "4", "-T", "2", "-n", "postgres"},
                R"(tps = ([0-9.]+))", pid, beside);
          }};
}

App compiler() {
  return {"g++, make -j2", [](Beside beside) {
            Command command = {"tests/corpus/make.sh", "2"};
            if (beside == Beside::kCtxray)
              command.insert(command.begin(), {kCtxray, "run", "-o", "/dev/null", "--json", "/dev/stdout", "--"});
            const auto empty = beside == Beside::kEmpty ? start_empty() : nullptr;
            const auto begin = std::chrono::steady_clock::now();
            const std::string out = output_of(command);
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            // ctxray loads before the build begins and reports after its end.
            return beside == Beside::kCtxray ? 1e9 / Json::parse(out)["elapsed_ns"].get<double>() : 1 / seconds;
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

// The speed of a machine changes meanwhile: a run is compared with the ones before and after it, beside nothing.
AppCost measure(const App& app, int rounds) {
  app.rate(Beside::kNothing); // with cold caches
  std::vector<double> bare = {app.rate(Beside::kNothing)}, empty, ctxray;
  for (int i = 0; i < rounds * kRuns; ++i)
    for (const auto& [beside, ratios] : {std::pair{Beside::kEmpty, &empty}, {Beside::kCtxray, &ctxray}}) {
      const double rate = app.rate(beside), before = bare.back();
      bare.push_back(app.rate(Beside::kNothing));
      ratios->push_back(rate / ((before + bare.back()) / 2));
    }
  return {app.name, quantile(bare, 0.5), mean_of(empty), mean_of(ctxray)};
}

} // namespace

std::vector<AppCost> measure_apps(int rounds) {
  std::vector<AppCost> costs;
  for (const auto make : {redis, postgres, compiler}) costs.push_back(measure(make(), rounds));
  return costs;
}

} // namespace ctxray::bench
