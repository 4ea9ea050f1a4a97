// SPDX-License-Identifier: GPL-2.0-or-later
// Why threads wait: places, wakers, system calls and block requests against the kernel's own figures and other tools'.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "tests/root/support.h"

namespace ctxray {
namespace {

Json run_workload(const std::string& program, const std::string& mode, const std::string& seconds = "0.5") {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + program, mode, seconds});
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  expect_invariants(run.report);
  return run.report;
}

// The process of this name that used the CPUs most.
Json process_named(const Json& report, const std::string& name) {
  Json found;
  for (const Json& process : report["processes"])
    if (process["comm"] == name && (found.is_null() || process["time"]["on_cpu_ns"] > found["time"]["on_cpu_ns"]))
      found = process;
  EXPECT_FALSE(found.is_null()) << name;
  return found;
}

// The place of most waiting for this reason.
Json longest_site(const Json& process, const std::string& reason) {
  for (const Json& site : process["wait_sites"])
    if (site["reason"] == reason) return site;
  ADD_FAILURE() << "no place of waiting for " << reason;
  return Json::object();
}

std::uint64_t wait_count(const Json& process, const std::string& reason) {
  for (const Json& wait : process["waits"])
    if (wait["reason"] == reason) return wait["count"];
  return 0;
}

Json call_named(const Json& report, const std::string& name) {
  for (const Json& call : report["syscalls"])
    if (call["name"] == name) return call;
  return {{"count", 0}, {"errors", 0}, {"eagain", 0}, {"eintr", 0}, {"blocks", 0}, {"blocked_ns", 0}};
}

// Threads keep the waits at their last places to themselves for a while.
TEST(Waits, PlacesHoldEveryWait) {
  for (const char* mode : {"mutex-sleep", "semaphore-pool", "mixture"}) {
    const Json process = process_named(run_workload("sync", mode), "sync");
    std::map<std::string, std::uint64_t> of_places, of_process;
    for (const Json& site : process["wait_sites"]) of_places[site["reason"]] += site["count"].get<std::uint64_t>();
    for (const Json& wait : process["waits"]) of_process[wait["reason"]] = wait["count"];
    EXPECT_EQ(of_places, of_process) << mode;
  }
}

// A thread that waits at more places in turn than it keeps to itself.
TEST(Waits, ManyPlacesInTurnHoldEveryWait) {
  constexpr const char* kReadInTurn = R"(
import os
pipes, done = [os.pipe() for _ in range(7)], os.pipe()
if os.fork() == 0:
    for turn in range(200):
        for there, _ in pipes:
            os.read(there, 1)
            os.write(done[1], b'.')
    os._exit(0)
for turn in range(200):
    for _, back in pipes:
        os.write(back, b'.')
        os.read(done[0], 1)
os.wait())";
  const JsonRun run = ctxray_json("run", {"--", "python3", "-c", kReadInTurn});
  ASSERT_EQ(run.finished.status, 0) << run.finished.err;
  expect_invariants(run.report);
  std::size_t most_places = 0;
  for (const Json& process : run.report["processes"]) {
    std::uint64_t of_places = 0, places = 0;
    for (const Json& site : process["wait_sites"]) {
      if (site["reason"] != "pipe") continue;
      of_places += site["count"].get<std::uint64_t>();
      ++places;
    }
    EXPECT_EQ(of_places, wait_count(process, "pipe")) << process["pid"];
    most_places = std::max(most_places, places);
  }
  EXPECT_EQ(most_places, 7U);
}

// So many calls that only a part of them is looked at: the estimate's range holds what was done.
TEST(Calls, AreEstimatedWhereTheyAreMany) {
  constexpr double kCount = 6e6;
  const Child program({"sh", "-c", "sleep 0.5; exec " + kWorkloads + "calls 6000000"});
  const JsonRun run = ctxray_json("attach", {"-p", std::to_string(program.pid())});
  ASSERT_EQ(run.finished.status, 0) << run.finished.err;
  expect_invariants(run.report);
  EXPECT_LT(run.report["syscalls_seen_share"], 0.5);
  for (const char* name : {"read", "close", "getppid"}) {
    const Json call = call_named(run.report, name);
    EXPECT_NEAR(call["count"].get<double>(), kCount, std::max(2 * call["count_error"].get<double>(), kCount / 4))
        << call;
  }
  const Json exact = ctxray_json("attach", {"-p", std::to_string(getpid()), "-d", "0.1", "--syscalls=full"}).report;
  EXPECT_FALSE(exact.contains("syscalls_seen_share"));
}

TEST(Waits, AConnectionIsNamedByItsEnds) {
  const Json site = longest_site(process_named(run_workload("net_io", "client"), "net_io"), "network");
  EXPECT_EQ(site["syscall"], "read");
  const std::regex ends(R"(fd \d+: tcp 127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+)");
  EXPECT_TRUE(std::regex_match(site["object"].get<std::string>(), ends)) << site;
}

TEST(Waits, AServerWaitsForRequestsOnBothItsSockets) {
  const Json process = process_named(run_workload("net_io", "quiet-server"), "net_io");
  bool accepts = false;
  for (const Json& site : process["wait_sites"])
    accepts |=
        site["syscall"] == "accept" && site["object"].get<std::string>().find("(listening)") != std::string::npos;
  EXPECT_TRUE(accepts) << process["wait_sites"];
  EXPECT_EQ(wait_count(process, "network"), 0U);
}

TEST(Waits, WhoEndsThemIsNamed) {
  const Json report = run_workload("net_io", "unix-client");
  const Json site = longest_site(process_named(report, "net_io"), "pipe");
  EXPECT_EQ(site["waker"]["pid"], process_named(report, "peer")["pid"]);
  // Where a timer's interrupt hits a task that the kernel hides, nobody can say what ended the sleep.
  const Json ended_by = longest_site(process_named(report, "peer"), "sleep")["ended_by"];
  double all = 0;
  for (const Json& count : ended_by) all += count.get<double>();
  ASSERT_TRUE(ended_by.contains("timer")) << ended_by;
  EXPECT_GE(ended_by["timer"].get<double>(), 0.9 * all) << ended_by;
}

TEST(Waits, ALockIsNamedByItsAddress) {
  const Json site = longest_site(process_named(run_workload("sync", "mutex-compute"), "sync"), "lock");
  EXPECT_EQ(site["syscall"], "futex");
  EXPECT_EQ(site["object"].get<std::string>().substr(0, 8), "futex 0x");
}

TEST(Waits, AFileIsNamedByItsPath) {
  const TempFile file;
  const JsonRun run = ctxray_json(
      "run", {"--", "dd", "if=/dev/zero", "of=" + file.path(), "bs=64k", "count=500", "oflag=direct,dsync"});
  const std::string object = longest_site(process_named(run.report, "dd"), "disk")["object"];
  const std::string name = file.path().substr(file.path().rfind('/') + 1);
  EXPECT_NE(object.find(name), std::string::npos) << object;
}

TEST(Waits, ThePlacesOfAReasonAddUpToIt) {
  const Json process = process_named(run_workload("file_io", "durable"), "file_io");
  std::map<std::string, std::uint64_t> total_ns, count;
  for (const Json& site : process["wait_sites"]) {
    total_ns[site["reason"]] += site["total_ns"].get<std::uint64_t>();
    count[site["reason"]] += site["count"].get<std::uint64_t>();
  }
  for (const Json& wait : process["waits"]) {
    EXPECT_EQ(total_ns[wait["reason"]], wait["total_ns"]) << wait["reason"];
    EXPECT_EQ(count[wait["reason"]], wait["count"]) << wait["reason"];
  }
}

TEST(Waits, AThreadsHistogramHoldsAllItsWaits) {
  const Json process = process_named(run_workload("sync", "mutex-compute"), "sync");
  for (const Json& thread : process["threads"])
    for (const Json& wait : thread["waits"]) {
      std::uint64_t sum = 0;
      for (const Json& count : wait["histogram_log2_ns"]) sum += count.get<std::uint64_t>();
      EXPECT_EQ(sum, wait["count"]) << wait;
    }
}

TEST(Waits, A32BitCallIsNotTakenForAnother) {
  const Json report = run_workload("process", "sleep-32");
#if defined(__x86_64__)
  EXPECT_GT(call_named(report, "nanosleep (32-bit)")["count"], 10);
  EXPECT_EQ(call_named(report, "sync")["count"], 0);
  EXPECT_EQ(longest_site(process_named(report, "process"), "sleep")["syscall"], "nanosleep (32-bit)");
#endif
}

TEST(Waits, AnInterruptedCallCounts) {
  const Json call = call_named(run_workload("process", "interrupted"), "clock_nanosleep");
  EXPECT_GT(call["eintr"], 10);
  EXPECT_GE(call["blocks"], call["eintr"]);
}

TEST(Waits, ACallThatTheKernelGoesOnWithIsStillTheSame) {
  const Json process = process_named(run_workload("process", "stopped"), "process");
  EXPECT_EQ(wait_count(process, "other"), 0U);
  EXPECT_GT(wait_count(process, "signal"), 2U);
  EXPECT_EQ(longest_site(process, "sleep")["syscall"], "clock_nanosleep");
}

TEST(Waits, BlockedTimeOfCallsIsThatOfTheirWaits) {
  const Json report = run_workload("process", "vfork");
  std::uint64_t of_calls = 0, of_waits = 0;
  for (const Json& call : report["syscalls"]) of_calls += call["blocked_ns"].get<std::uint64_t>();
  for (const Json& process : report["processes"])
    for (const Json& site : process["wait_sites"])
      if (site.contains("syscall")) of_waits += site["total_ns"].get<std::uint64_t>();
  EXPECT_EQ(of_calls, of_waits);
}

// strace -c prints for each call: % time, seconds, usecs/call, calls, errors (if any), name.
std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> strace_counts(const std::string& text) {
  static const std::regex kLine(R"(^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(\d*)\s*(\w+)$)");
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
  std::istringstream lines(text);
  std::smatch match;
  for (std::string line; std::getline(lines, line);)
    if (std::regex_match(line, match, kLine) && match[3] != "total")
      counts[match[3]] = {std::stoull(match[1]), match[2].length() == 0 ? 0 : std::stoull(match[2])};
  return counts;
}

TEST(Calls, CountsAndErrorsAreThoseOfStrace) {
  const Command command = {"find", "/usr/share/doc", "-name", "no*such", "-newer", "/etc/passwd"};
  Command traced = {"strace", "-c", "-f", "-w"};
  traced.insert(traced.end(), command.begin(), command.end());
  Command rest = {"--"};
  rest.insert(rest.end(), command.begin(), command.end());
  const auto expected = strace_counts(run_command(traced).err);
  ASSERT_GT(expected.size(), 10U);
  const Json report = ctxray_json("run", rest).report;
  for (const auto& [name, counts] : expected) {
    if (name == "exit_group" || name == "brk")
      continue; // one never returns, the other follows the size of the environment
    EXPECT_EQ(call_named(report, name)["count"], counts.first) << name;
    EXPECT_EQ(call_named(report, name)["errors"], counts.second) << name;
  }
}

TEST(Block, EveryDirectReadIsARequest) {
  const Json report = run_workload("file_io", "direct");
  const Json& block = report["block_io"];
  const std::uint64_t reads = block["requests"].get<std::uint64_t>() - block["writes"].get<std::uint64_t>();
  const std::uint64_t calls = call_named(report, "pread64")["count"];
  EXPECT_NEAR(static_cast<double>(reads), static_cast<double>(calls), 0.01 * static_cast<double>(calls) + 20);
  // A read that was not done before its thread could sleep, on a fast disk, ends a wait.
  EXPECT_GT(block["wakeups"], wait_count(report, "disk") * 9 / 10);
  EXPECT_GT(block["device_ns"], 0);
  EXPECT_GE(block["device_ns"], block["overlapped_with_cpu_ns"]);
}

// Ticks of 10 ms that the kernel counts while kernel.task_delayacct is on: field 42 of /proc/PID/stat.
std::uint64_t block_delay_ticks(pid_t pid) {
  std::istringstream text(read_file("/proc/" + std::to_string(pid) + "/stat"));
  std::string line;
  std::getline(text, line);
  std::istringstream fields(line.substr(line.rfind(')') + 2));
  std::string field;
  for (int i = 3; i <= 42; ++i) fields >> field;
  return std::stoull(field);
}

TEST(Block, DiskWaitIsTheKernelsBlockDelay) {
  const std::string setting = "/proc/sys/kernel/task_delayacct";
  const std::string before = read_file(setting);
  std::ofstream(setting) << "1";
  {
    Child child({kWorkloads + "file_io", "direct", "100"});
    while (block_delay_ticks(child.pid()) < 5) { // it is past its preparations
    }
    const std::uint64_t first = block_delay_ticks(child.pid());
    const JsonRun run = ctxray_json("attach", {"-p", std::to_string(child.pid()), "-d", "2"});
    const std::uint64_t last = block_delay_ticks(child.pid());
    const Json process = process_of(run.report, child.id());
    double disk_ns = 0;
    for (const Json& wait : process["waits"])
      if (wait["reason"] == "disk") disk_ns = wait["total_ns"].get<double>();
    // What passed while ctxray was loading is in the kernel's figure too, which is so the larger.
    const double share = disk_ns / process["elapsed_ns"].get<double>();
    EXPECT_GT(share, 0.1);
    EXPECT_GE(static_cast<double>(last - first) * 1e7, 0.9 * disk_ns);
  }
  std::ofstream(setting) << before;
}

} // namespace
} // namespace ctxray
