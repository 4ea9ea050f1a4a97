// SPDX-License-Identifier: GPL-2.0-or-later
// The program as its users meet it: exit statuses, signals, streams and mistakes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <sstream>

#include "tests/root/support.h"

namespace ctxray {
namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Run, PassesStatusAndStreamsThrough) {
  const Finished finished = run_command({"sh", "-c", "echo hello | " + kCtxray + " run -- sh -c 'cat; exit 7'"});
  EXPECT_EQ(finished.status, 7);
  EXPECT_EQ(finished.out, "hello\n");
  EXPECT_TRUE(contains(finished.err, "exit status 7")) << finished.err;
}

TEST(Run, ReportsDeathBySignal) {
  const JsonRun run = ctxray_json("run", {"--", "sh", "-c", "kill -SEGV $$"});
  EXPECT_EQ(run.finished.status, 128 + SIGSEGV);
  EXPECT_EQ(run.report["target"]["exit_signal"], SIGSEGV);
}

TEST(Run, FailsAsAShellDoes) {
  const Finished missing = run_command({kCtxray, "run", "--", "/no/such/program"});
  EXPECT_EQ(missing.status, 127);
  EXPECT_TRUE(contains(missing.err, "/no/such/program: command not found")) << missing.err;
  const Finished not_executable = run_command({kCtxray, "run", "--", "/etc/passwd"});
  EXPECT_EQ(not_executable.status, 126);
  EXPECT_TRUE(contains(not_executable.err, "Permission denied")) << not_executable.err;
}

TEST(Run, ChecksTheReportsPlaceFirst) {
  const TempFile witness;
  unlink(witness.path().c_str());
  const Finished finished =
      run_command({kCtxray, "run", "--json", "/no/such/folder/file", "--", "touch", witness.path()});
  EXPECT_EQ(finished.status, 1);
  EXPECT_TRUE(contains(finished.err, "/no/such/folder/file")) << finished.err;
  EXPECT_NE(access(witness.path().c_str(), F_OK), 0);
}

TEST(Run, SignalReachesTheCommandAndTheReportStillComes) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Child child({kCtxray, "run", "--", "sh", "-c", "echo ready; exec sleep 600"});
    child.read_line();
    child.send(signal);
    const int status = child.wait();
    EXPECT_EQ(WEXITSTATUS(status), 128 + signal);
    EXPECT_TRUE(contains(child.errors(), "killed by signal " + std::to_string(signal)));
  }
}

TEST(Run, TakesOnAnotherUser) {
  const Finished finished = run_command({kCtxray, "run", "--user", "nobody", "--", "id", "-un"});
  EXPECT_EQ(finished.out, "nobody\n");
  EXPECT_EQ(run_command({kCtxray, "run", "--user", "no-such-user", "--", "id"}).status, 1);
}

TEST(Run, CommandInheritsNoDescriptor) {
  const Finished alone = run_command({"ls", "/proc/self/fd"});
  const Finished traced = run_command({kCtxray, "run", "--json", "/dev/null", "--", "ls", "/proc/self/fd"});
  EXPECT_EQ(traced.out, alone.out);
}

TEST(Attach, EndsWithTheTarget) {
  const TempFile json;
  Child target({kWorkloads + "sleepers", "1"});
  target.read_line();
  const std::uint32_t pid = target.id();
  Child ctxray({kCtxray, "attach", "-p", std::to_string(pid), "--json", json.path(), "--interval", "0.05"});
  for (int lines = 0; lines < 3; ++lines) ctxray.read_line(); // two titles, then the first interval: it is attached
  target.send(SIGKILL);
  target.wait();
  EXPECT_EQ(WEXITSTATUS(ctxray.wait()), 0);
  const Json report = Json::parse(json.text(), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_TRUE(process_of(report, pid)["ended"].get<bool>());
  expect_invariants(report);
}

TEST(Attach, InterruptStillGivesTheReport) {
  Child target({kWorkloads + "sleepers", "1"});
  target.read_line();
  Child ctxray({kCtxray, "attach", "-p", std::to_string(target.pid()), "--interval", "0.05"});
  ctxray.read_line();
  ctxray.read_line();
  ctxray.read_line(); // two titles, then the first interval: it is attached
  ctxray.send(SIGINT);
  bool ends = false;
  for (std::string line = "first"; !line.empty() || !ends; ends = ends || contains(line, "own CPU"))
    line = ctxray.read_line();
  EXPECT_EQ(WEXITSTATUS(ctxray.wait()), 0);
  EXPECT_TRUE(target.alive());
}

TEST(Attach, NamesWhatItCannotFind) {
  const Finished no_pid = run_command({kCtxray, "attach", "-p", "4194304"});
  EXPECT_EQ(no_pid.status, 1);
  EXPECT_TRUE(contains(no_pid.err, "process 4194304: No such process")) << no_pid.err;
  const Finished no_name = run_command({kCtxray, "attach", "-n", "no-such-name"});
  EXPECT_EQ(no_name.status, 1);
  EXPECT_TRUE(contains(no_name.err, "no process is named \"no-such-name\"")) << no_name.err;
}

TEST(Privileges, MissingOnesAreNamedWithBothRemedies) {
  const Finished finished = run_command({"setpriv", "--reuid=65534", "--clear-groups", kCtxray, "attach", "-p", "1"});
  EXPECT_EQ(finished.status, 1);
  for (const char* part : {"CAP_BPF", "sudo", "setcap"}) EXPECT_TRUE(contains(finished.err, part)) << finished.err;
}

// A process switch changes more than a thread's, and a coroutine stays in user space.
TEST(Cost, OrdersSwitchesAndIsStatedInReports) {
  const TempFile cache;
  const std::string folder = cache.path() + ".d";
  const Finished measured = run_command(
      {"env", "XDG_CACHE_HOME=" + folder, "setpriv", "--bounding-set=-all", kCtxray, "cost", "--json", "-"});
  ASSERT_EQ(measured.status, 0) << measured.err;
  std::map<std::string, double> ns;
  const Json costs = Json::parse(measured.out);
  for (const Json& cost : costs["costs"]) ns[cost["id"]] = cost["ns"];
  EXPECT_GT(ns["process_switch"], 0.7 * ns["thread_switch"]); // on a noisy machine
  EXPECT_GT(ns["thread_switch"], ns["context_switch"]);
  EXPECT_GT(ns["context_switch"], ns["coroutine_switch"]);
  EXPECT_GT(ns["syscall"], 0);
  const Finished run =
      run_command({"env", "XDG_CACHE_HOME=" + folder, kCtxray, "run", "--", kWorkloads + "pingpong", "1", "0.3"});
  EXPECT_NE(run.err.find("cost by estimate"), std::string::npos) << run.err;
  run_command({"rm", "-r", folder});
}

TEST(Doctor, NeedsNoPrivileges) {
  EXPECT_EQ(run_command({"setpriv", "--reuid=65534", "--clear-groups", kCtxray, "doctor"}).status, 0);
  const Finished as_root = run_command({kCtxray, "doctor"});
  EXPECT_EQ(as_root.status, 0);
  EXPECT_TRUE(contains(as_root.out, "sched_switch")) << as_root.out;
}

} // namespace
} // namespace ctxray
