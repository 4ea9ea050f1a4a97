// SPDX-License-Identifier: GPL-2.0-or-later
// The own cost as the kernel measures it, and a budget that it exceeds.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/root/support.h"

namespace ctxray {
namespace {

TEST(Budget, TheProbesCostIsMeasured) {
  const JsonRun run = ctxray_json("run", {"--budget", "100%", "--", kWorkloads + "pingpong", "1", "1"});
  const Json& overhead = run.report["overhead"];
  ASSERT_TRUE(overhead.contains("bpf_ns")) << overhead;
  // Two switches and two wakeups each round: some hundred nanoseconds each, but no whole CPU.
  EXPECT_GT(overhead["bpf_ns"], run.report["switches"]["voluntary"].get<double>() * 50);
  EXPECT_LT(overhead["bpf_ns"], run.report["elapsed_ns"]);
  EXPECT_TRUE(overhead["budget"]["left_out"].empty());
  EXPECT_TRUE(run.report.contains("syscalls"));
}

// What is left is as exact as ever.
TEST(Budget, AllThatCanGoGoesAndIsAbsent) {
  const JsonRun run = ctxray_json("run", {"--budget", "0.001%", "--", kWorkloads + "pingpong", "1", "7"});
  const Json& report = run.report;
  EXPECT_EQ(report["overhead"]["budget"]["left_out"],
            (std::vector<std::string>{"system calls", "block requests", "wakers and interrupts", "places of waits"}));
  EXPECT_FALSE(report.contains("syscalls"));
  EXPECT_FALSE(report.contains("block_io"));
  EXPECT_FALSE(report["interrupts"].contains("hard"));
  for (const Json& process : report["processes"]) EXPECT_TRUE(process["wait_sites"].empty());
  expect_invariants(report);

  std::uint32_t pid = 0;
  double voluntary = 0;
  std::istringstream(run.finished.out) >> pid >> voluntary;
  EXPECT_NEAR(process_of(report, pid)["switches"]["voluntary"].get<double>(), voluntary, 3);
  EXPECT_EQ(report["loss"]["dropped"], 0);
}

} // namespace
} // namespace ctxray
