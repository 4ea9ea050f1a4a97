// SPDX-License-Identifier: GPL-2.0-or-later
// Programs whose answer is known.
#include <gtest/gtest.h>

#include "tests/root/support.h"

namespace ctxray {
namespace {

std::string verdict_of(const Command& command) {
  Command rest = {"--"};
  rest.insert(rest.end(), command.begin(), command.end());
  const JsonRun run = ctxray_json("run", rest);
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  expect_invariants(run.report);
  return run.report["verdict"]["class"].get<std::string>();
}

TEST(Verdict, Computing) {
  EXPECT_EQ(verdict_of({"sh", "-c", "head -c 4000000 /dev/urandom | xz -1 >/dev/null"}), "cpu-bound");
  EXPECT_EQ(verdict_of({"openssl", "speed", "-seconds", "1", "-bytes", "1024", "sha256"}), "cpu-bound");
  EXPECT_EQ(verdict_of({kWorkloads + "spin", "2", "0.5"}), "cpu-bound");
}

TEST(Verdict, CachedFile) {
  const TempFile file;
  run_command({"dd", "if=/dev/zero", "of=" + file.path(), "bs=1M", "count=200"});
  run_command({"cat", file.path()});
  EXPECT_EQ(verdict_of({"sha256sum", file.path()}), "cpu-bound");
}

TEST(Verdict, DirectDisk) {
  const JsonRun run = ctxray_json("run", {"--", "sh", "-c",
                                          "f=$(mktemp -p /var/tmp) && dd if=/dev/zero of=$f bs=64k count=4000 "
                                          "oflag=direct,dsync; rm $f"});
  EXPECT_EQ(run.report["verdict"]["class"], "io-bound");
  EXPECT_EQ(run.report["verdict"]["detail"], "disk, one at a time");
}

TEST(Verdict, ClientOfASlowServer) {
  // Disk and network together are two fifths at most, whatever the speed of the disk, and so is sleep.
  const JsonRun run = ctxray_json("run", {"--", "sh", "-c", kWorkloads + "phases 0.5; sleep 0.5"});
  bool network = false;
  for (const Json& wait : run.report["waits"])
    network |= wait["reason"] == "network" && wait["total_ns"].get<std::uint64_t>() > 400'000'000;
  EXPECT_TRUE(network);
  EXPECT_EQ(run.report["verdict"]["class"], "mixed");
}

TEST(Verdict, Sleeping) {
  const JsonRun run = ctxray_json("run", {"--", "sleep", "0.2"});
  EXPECT_EQ(run.report["verdict"]["class"], "idle");
  EXPECT_EQ(run.report["verdict"]["detail"], "sleeping");
}

// Whoever had woken it once and now takes its CPU at times, blocking each time, keeps it from running all the same.
TEST(Verdict, WhoTakesTheCpuIsARivalThoughItBlocksAfterwards) {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + "process", "preempted", "0.4"});
  Json child;
  for (const Json& process : run.report["processes"])
    if (child.is_null() || process["switches"]["involuntary"] > child["switches"]["involuntary"]) child = process;
  const auto run_queue = child["time"]["run_queue_ns"].get<double>();
  EXPECT_GT(run_queue, 50e6) << child["time"];
  EXPECT_LT(child["time"]["wakeup_latency_ns"].get<double>(), run_queue / 10) << child["time"];
}

TEST(Verdict, TwoLoopsOnOneCpuAreStarvedHalfTheTime) {
  Child one({kWorkloads + "spin", "1", "600", "0"});
  Child other({kWorkloads + "spin", "1", "600", "0"});
  one.read_line();
  other.read_line();
  const JsonRun run =
      ctxray_json("attach", {"-p", std::to_string(one.pid()), "-p", std::to_string(other.pid()), "-d", "1"});
  for (const Child* child : {&one, &other}) {
    const Json& process = process_of(run.report, child->id());
    EXPECT_EQ(process["verdict"]["class"], "starved");
    const double elapsed = process["elapsed_ns"].get<double>();
    EXPECT_NEAR(process["wall"]["starved_ns"].get<double>() / elapsed, 0.5, 0.1);
  }
  EXPECT_GT(run.report["wall"]["cpu_ns"].get<double>() / run.report["elapsed_ns"].get<double>(), 0.95);
}

} // namespace
} // namespace ctxray
