// SPDX-License-Identifier: GPL-2.0-or-later
// Rates of redis-benchmark, pgbench and a compiler, with ctxray on the server or on the build.
#include "tests/bench/apps.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/bench/load.h"
#include "tests/bench/tools.h"
#include "tests/root/support.h"
#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

struct App {
  std::string name;
  std::function<double(bool with_ctxray)> rate; // of a run
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

// The client's rate while ctxray follows the server.
double rate_of_client(const Command& client, const std::string& pattern, const std::string& server, bool with_ctxray) {
  std::unique_ptr<Session> session;
  if (with_ctxray) session = start_program({kCtxray, "attach", "-p", server});
  return figure_in(output_of(client), pattern);
}

App redis() {
  const std::string port = std::to_string(20000 + getpid() % 20000);
  auto server = std::make_shared<Child>(
      Command{"redis-server", "--port", port, "--save", "", "--appendonly", "no", "--daemonize", "no"});
  while (run_command({"redis-cli", "-p", port, "ping"}).out != "PONG\n" && server->alive()) {
  }
  return {"redis-benchmark, GET", [server, port](bool with_ctxray) {
            return rate_of_client({"redis-benchmark", "-p", port, "-q", "-t", "get", "-n", "150000"},
                                  R"(GET: ([0-9.]+) requests)", std::to_string(server->pid()), with_ctxray);
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
  return {"pgbench, durable", [server, pid, folder](bool with_ctxray) {
            return rate_of_client(
                {"runuser", "-u", "postgres", "--", "pgbench", "-h", folder, "-c", "4", "-T", "3", "-n", "postgres"},
                R"(tps = ([0-9.]+))", pid, with_ctxray);
          }};
}

App compiler() {
  return {"g++, make -j2", [](bool with_ctxray) {
            Command command = {"tests/corpus/make.sh", "2"};
            if (with_ctxray)
              command.insert(command.begin(), {kCtxray, "run", "-o", "/dev/null", "--json", "/dev/stdout", "--"});
            const auto begin = std::chrono::steady_clock::now();
            const std::string out = output_of(command);
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            // ctxray loads before the build begins and reports after its end.
            return with_ctxray ? 1e9 / Json::parse(out)["elapsed_ns"].get<double>() : 1 / seconds;
          }};
}

AppCost measure(const App& app, int rounds) {
  std::vector<double> rates, ratios;
  for (int i = 0; i < rounds; ++i) {
    const double before = app.rate(false), with = app.rate(true), after = app.rate(false);
    rates.push_back((before + after) / 2);
    ratios.push_back(with / rates.back());
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  return {app.name, quantile(rates, 0.5), quantile(ratios, 0.5), (*most - *least) / 2};
}

} // namespace

std::vector<AppCost> measure_apps(int rounds) {
  std::vector<AppCost> costs;
  for (const auto make : {redis, postgres, compiler}) costs.push_back(measure(make(), rounds));
  return costs;
}

} // namespace ctxray::bench
