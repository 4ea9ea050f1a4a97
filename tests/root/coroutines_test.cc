// SPDX-License-Identifier: GPL-2.0-or-later
// Switches of coroutines, in programs that make a known number of them.
#include <gtest/gtest.h>

#include "tests/root/support.h"

namespace ctxray {
namespace {

const std::string kScript = "tests/workloads/coroutines.py";

// The report on a program that ran under --coroutines.
JsonRun run_counted(const Command& program, const Command& options = {"--coroutines"}) {
  Command arguments = options;
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), program.begin(), program.end());
  JsonRun run = ctxray_json("run", arguments);
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  if (!run.report.is_null()) expect_invariants(run.report);
  return run;
}

std::uint64_t switches(const Json& report, const std::string& runtime) {
  const Json& all = report["runtime"]["coroutine_switches"];
  for (const Json& one : all)
    if (one["runtime"] == runtime) return one["count"];
  return 0;
}

// The number that the program itself prints.
std::uint64_t known(const JsonRun& run) { return std::stoull(run.finished.out); }

void expect_exact(const Command& interpreter, const std::string& way, const std::string& runtime) {
  Command program = interpreter;
  for (const std::string& word : {kScript, way, std::string("50"), std::string("200")}) program.push_back(word);
  const JsonRun run = run_counted(program);
  EXPECT_EQ(switches(run.report, runtime), known(run)) << run.report["coroutine_probes"];
  EXPECT_EQ(run.report["runtime"]["coroutine_switches_untold"], 0);
  EXPECT_GE(run.report["runtime"]["coroutine_probe_hits"], known(run));
}

const Command kPython = {"/usr/bin/python3"};
const Command kEmbedded = {kWorkloads + "embed"};

TEST(Coroutines, StepsOfAsyncioTasks) { expect_exact(kPython, "asyncio", "asyncio"); }

TEST(Coroutines, StepsOfAsyncioTasksInASharedPython) { expect_exact(kEmbedded, "asyncio", "asyncio"); }

TEST(Coroutines, SwitchesOfGreenlets) { expect_exact(kPython, "greenlet", "greenlet"); }

TEST(Coroutines, CallsOfSwapcontext) {
  const JsonRun run = run_counted({kWorkloads + "contexts", "10000"});
  EXPECT_EQ(switches(run.report, "swapcontext"), 10'000U);
  const Json& process = run.report["processes"][0];
  EXPECT_EQ(switches(process, "swapcontext"), 10'000U);
}

// The runtime's own goroutines are few beside them.
TEST(Coroutines, HandOffsOfGoroutines) {
  const JsonRun run = run_counted({"env", "GOMAXPROCS=1", kWorkloads + "handoffs", "10000"});
  EXPECT_GE(switches(run.report, "goroutines"), known(run));
  EXPECT_LE(switches(run.report, "goroutines"), known(run) + 100);
}

TEST(Coroutines, ALoopThatIsHeldUp) {
  const JsonRun blocked = run_counted({"/usr/bin/python3", kScript, "blocked", "2", "5"});
  EXPECT_GE(blocked.report["runtime"]["event_loop_away_max_ns"], 200'000'000);
}

TEST(Coroutines, AProgramThatRunsAlready) {
  const Child child({"/usr/bin/python3", "-c",
                     "import asyncio\n"
                     "async def main():\n"
                     " while True: await asyncio.sleep(0.001)\n"
                     "print('ready', flush=True)\n"
                     "asyncio.run(main())"});
  const JsonRun run = ctxray_json("attach", {"--coroutines", "-p", std::to_string(child.pid()), "-d", "1"});
  EXPECT_GT(switches(run.report, "asyncio"), 0U);
}

TEST(Coroutines, AFunctionOfTheUsersOwn) {
  const JsonRun run =
      run_counted({kWorkloads + "contexts", "1000"}, {"--coroutine-probe", kWorkloads + "contexts:main"});
  EXPECT_EQ(switches(run.report, "main"), 1U);
}

// The program passes the second only while its semaphore says that someone listens.
TEST(Coroutines, UsdtProbes) {
  const std::string program = kWorkloads + "contexts";
  const JsonRun run = run_counted({program, "1000"}, {"--coroutine-probe", program + ":usdt:contexts:pair",
                                                      "--coroutine-probe", program + ":usdt:contexts:listened"});
  EXPECT_EQ(switches(run.report, "pair"), 500U);
  EXPECT_EQ(switches(run.report, "listened"), 500U);
}

TEST(Coroutines, AFunctionThatIsNotThereIsAnError) {
  const Finished run = run_command({kCtxray, "run", "--coroutine-probe", "/bin/true:no_such_function", "--", "true"});
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("no function no_such_function"), std::string::npos) << run.err;
}

TEST(Coroutines, WithoutThemNothingIsSaid) {
  const JsonRun run = ctxray_json("run", {"--coroutines", "--", "true"});
  EXPECT_EQ(run.report["runtime"]["coroutine_switches"].size(), 0U);
  EXPECT_FALSE(ctxray_json("run", {"--", "true"}).report.contains("runtime"));
}

} // namespace
} // namespace ctxray
