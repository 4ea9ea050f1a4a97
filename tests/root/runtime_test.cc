// SPDX-License-Identifier: GPL-2.0-or-later
// Waits for an interpreter's lock, in programs that are known to wait for it or not to.
#include <gtest/gtest.h>

#include "tests/root/support.h"

namespace ctxray {
namespace {

const std::string kScript = "tests/workloads/threads.py";

Json run_python(const Command& interpreter, const Command& arguments) {
  Command command = {"--"};
  command.insert(command.end(), interpreter.begin(), interpreter.end());
  command.push_back(kScript);
  command.insert(command.end(), arguments.begin(), arguments.end());
  const JsonRun run = ctxray_json("run", command);
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  expect_invariants(run.report);
  return run.report;
}

const Command kPython = {"/usr/bin/python3"};
const Command kEmbedded = {kWorkloads + "embed"};

std::uint64_t gil_ns(const Json& waits) {
  for (const Json& wait : waits)
    if (wait["reason"] == "gil") return wait["total_ns"];
  return 0;
}

// Part of the lifetime of the threads that worked.
double gil_share_of_workers(const Json& report) {
  double gil = 0, lifetime = 0;
  for (const Json& process : report["processes"])
    for (const Json& thread : process["threads"]) {
      if (thread["tid"] == process["pid"]) continue;
      gil += static_cast<double>(gil_ns(thread["waits"]));
      lifetime += thread["time"]["lifetime_ns"].get<double>();
    }
  return lifetime == 0 ? 0 : gil / lifetime;
}

void expect_turns_under_gil(const Json& report) {
  EXPECT_EQ(report["verdict"]["class"], "cpu-bound");
  EXPECT_NE(report["verdict"]["detail"].get<std::string>().find("under the GIL"), std::string::npos)
      << report["verdict"];
  EXPECT_EQ(report["runtime"]["python_gil_wait_ns"], gil_ns(report["waits"]));
  // One of four holds it, the others wait for it or, once it is theirs, for a CPU.
  EXPECT_GT(gil_share_of_workers(report), 0.55);
  EXPECT_LT(gil_share_of_workers(report), 0.80);
}

TEST(Runtime, FourBusyThreadsWaitForTheGil) { expect_turns_under_gil(run_python(kPython, {"compute"})); }

TEST(Runtime, SoTheyDoInAProgramThatEmbedsPython) { expect_turns_under_gil(run_python(kEmbedded, {"compute"})); }

TEST(Runtime, ProcessesHaveOneEach) {
  double parallel = 0;
  // Another program may take a CPU for a while, which leaves the four no less ready to run.
  for (int runs = 0; runs < 3 && parallel < 0.8; ++runs) {
    const Json report = run_python(kPython, {"processes"});
    EXPECT_LT(gil_ns(report["waits"]), report["elapsed_ns"].get<std::uint64_t>() / 100);
    const Json& parallelism = report["parallelism"];
    EXPECT_GT(parallelism["in_flight_average"], 3.2) << parallelism;
    parallel = parallelism["average"].get<double>() / parallelism["cpus_allowed"].get<double>();
  }
  EXPECT_GT(parallel, 0.8);
}

TEST(Runtime, NativeCodeThatReleasesItIsNotBoundByIt) {
  const Json report = run_python(kPython, {"hash"});
  EXPECT_LT(gil_share_of_workers(report), 0.1);
  EXPECT_EQ(report["verdict"]["detail"].get<std::string>().find("GIL"), std::string::npos) << report["verdict"];
  EXPECT_TRUE(report["runtime"].contains("python_gil_wait_ns"));
}

TEST(Runtime, ThreadsInIoHardlyContendForIt) { EXPECT_LT(gil_share_of_workers(run_python(kPython, {"files"})), 0.1); }

// It is asked for after an interval of the program's choice, and changes hands once in each.
TEST(Runtime, TheGilChangesHandsAsOftenAsTheProgramWants) {
  constexpr double kInterval = 0.02;
  const Json report = run_python(kPython, {"compute", std::to_string(kInterval)});
  double handed_over = 0;
  for (const Json& process : report["processes"])
    for (const Json& site : process["wait_sites"]) {
      if (site["reason"] != "gil") continue;
      // Waits for an answer to a request are short; those for the lock itself last.
      if (site["total_ns"].get<double>() > 0.01 * report["elapsed_ns"].get<double>())
        handed_over += site["ended_by"].value("task", 0.0);
    }
  const double expected = report["elapsed_ns"].get<double>() * 1e-9 / kInterval;
  EXPECT_GT(handed_over, 0.5 * expected);
  EXPECT_LT(handed_over, 1.3 * expected);
}

TEST(Runtime, AProgramWithoutAnInterpreterHasNoFigure) {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + "sync", "mutex-compute", "0.3"});
  EXPECT_FALSE(run.report.contains("runtime")) << run.report["runtime"];
}

} // namespace
} // namespace ctxray
