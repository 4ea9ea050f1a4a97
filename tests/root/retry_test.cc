// SPDX-License-Identifier: GPL-2.0-or-later
// The same waits in threads, processes and coroutines: which of them ctxray sees, and what it calls them.
#include <gtest/gtest.h>

#include <map>

#include "tests/workloads/retry/measure.h"

namespace ctxray {
namespace {

constexpr int kQuestions = 16;
constexpr int kWidth = 8;
constexpr int kSeed = 1;

// Each way once, for all tests.
const std::map<std::string, RetryRun>& runs() {
  static const std::map<std::string, RetryRun> kRuns = [] {
    const RetryServer server(kSeed);
    std::map<std::string, RetryRun> made;
    for (const std::string& way : kRetryWays) made[way] = run_retry(server, way, kQuestions, kWidth);
    return made;
  }();
  return kRuns;
}

double in_flight(const std::string& way) { return runs().at(way).report["parallelism"]["in_flight_average"]; }

TEST(Retry, AttemptsAtOnceGetMoreAnswersInTime) {
  const RetryRun& serial = runs().at("serial");
  for (const auto& [way, run] : runs()) {
    expect_invariants(run.report);
    if (way == "serial") continue;
    EXPECT_GT(run.answered, serial.answered) << way;
    EXPECT_GT(run.under_way, 2 * serial.under_way) << way;
  }
}

TEST(Retry, TheyWaitAtOnceButDoNotRunAtOnce) {
  for (const char* way : {"processes", "threads"}) EXPECT_GT(in_flight(way), 2 * in_flight("serial")) << way;
  for (const auto& [way, run] : runs()) EXPECT_LT(run.report["parallelism"]["average"], 1.0) << way;
}

TEST(Retry, CoroutinesDoInOneThreadWhatOthersDoInMany) {
  EXPECT_EQ(runs().at("coroutines").report["target"]["threads_seen"], 1);
  EXPECT_EQ(runs().at("threads").report["target"]["threads_seen"], kWidth + 1);
  EXPECT_EQ(runs().at("threads").report["target"]["processes_seen"], 1);
  EXPECT_EQ(runs().at("processes").report["target"]["processes_seen"], kWidth + 1);
  EXPECT_LE(in_flight("coroutines"), 1.0);
}

TEST(Retry, TheIoModelTellsThemApart) {
  for (const char* way : {"serial", "processes", "threads"})
    EXPECT_EQ(runs().at(way).report["io_model"]["name"], "blocking") << way;
  EXPECT_EQ(runs().at("coroutines").report["io_model"]["name"], "multiplexing");
}

TEST(Retry, NoneOfThemIsBoundByTheCpu) {
  for (const char* way : {"serial", "processes", "threads"})
    EXPECT_EQ(runs().at(way).report["verdict"]["class"], "io-bound") << way;
  EXPECT_NE(runs().at("coroutines").report["verdict"]["class"], "cpu-bound");
}

} // namespace
} // namespace ctxray
