// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes from the environment, figures to the terminal and to the results.
#include "tests/root/faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace ctxray {

int size_of(int quick, int whole) { return std::getenv("CTXRAY_LONG") != nullptr ? whole : quick; }

void reached(const std::string& what, double figure) {
  std::printf("  %s.%s: %s: %.10g\n", testing::UnitTest::GetInstance()->current_test_info()->test_suite_name(),
              testing::UnitTest::GetInstance()->current_test_info()->name(), what.c_str(), figure);
  std::fflush(stdout);
  std::string key = what;
  for (char& c : key)
    if (c == ' ') c = '_';
  testing::Test::RecordProperty(key, std::to_string(figure));
}

LastWords parse_last_words(const std::string& output) {
  LastWords words;
  std::istringstream(output) >> words.pid >> words.voluntary >> words.involuntary >> words.cpu_us;
  return words;
}

Storm parse_storm(const std::string& output) {
  Storm storm;
  std::istringstream(output) >> storm.most.pid >> storm.most.voluntary >> storm.most.involuntary >> storm.most.cpu_us >>
      storm.voluntary >> storm.involuntary >> storm.ends >> storm.parent;
  return storm;
}

void expect_between(const Storm& storm, double voluntary, double involuntary, double more, double last) {
  EXPECT_GT(storm.ends, 0);
  EXPECT_GE(voluntary, storm.voluntary - last);
  EXPECT_LE(voluntary, storm.most.voluntary + more);
  EXPECT_GE(involuntary, storm.involuntary);
  EXPECT_LE(involuntary, storm.most.involuntary + std::max(3.0, more / 10));
}

void expect_equals_last_words(const JsonRun& run) {
  ASSERT_EQ(run.finished.status, 0) << run.finished.err;
  const LastWords kernel = parse_last_words(run.finished.out);
  const Json& process = process_of(run.report, kernel.pid);
  EXPECT_GT(kernel.voluntary, 100);
  EXPECT_NEAR(process["switches"]["voluntary"].get<double>(), kernel.voluntary, 3);
  EXPECT_NEAR(process["switches"]["involuntary"].get<double>(), kernel.involuntary, 3);
  expect_invariants(run.report);
}

Finished run_apart(const std::string& script) { return run_command({"unshare", "--mount", "sh", "-c", script}); }

} // namespace ctxray
