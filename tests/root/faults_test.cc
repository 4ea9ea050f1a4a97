// SPDX-License-Identifier: GPL-2.0-or-later
// Places that fail: a full disk, readers that have gone, closed streams, no /proc, no tracefs, no /sys.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/root/faults.h"

namespace ctxray {
namespace {

// For the files that scripts leave.
class Folder {
 public:
  Folder() { run_command({"mkdir", path()}); }
  ~Folder() { run_command({"rm", "-r", path()}); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path() const { return file_.path() + ".d"; }
  [[nodiscard]] std::string text(const std::string& name) const { return read_file(path() + "/" + name); }
  [[nodiscard]] Json json(const std::string& name) const {
    Json report = Json::parse(text(name), nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << name << ": " << text(name).size() << " bytes";
    return report;
  }

 private:
  TempFile file_;
};

TEST(Faults, AFullDiskIsToldAndLeavesNoHalfAReport) {
  const Folder folder;
  for (const int status : {0, 7}) {
    const Finished finished =
        run_apart("mount -t tmpfs -o size=4k none " + folder.path() + " && " + kCtxray + " run --json " +
                  folder.path() + "/report -- sh -c 'echo done; exit " + std::to_string(status) +
                  "'; echo status $?; wc -c < " + folder.path() + "/report");
    // The command's own failure is the one to pass on.
    EXPECT_EQ(finished.out, "done\nstatus " + std::to_string(status == 0 ? 1 : status) + "\n0\n") << finished.err;
    EXPECT_TRUE(contains(finished.err, "cannot write the report to " + folder.path() + "/report: No space left"))
        << finished.err;
    EXPECT_TRUE(contains(finished.err, "exit status " + std::to_string(status))) << "the text report is missing";
  }
}

TEST(Faults, AFullDeviceIsTold) {
  Child target({kWorkloads + "sleepers", "1"});
  target.read_line();
  const std::string pid = std::to_string(target.pid());
  for (const std::string& arguments :
       {"attach -d 0.05 -p " + pid, "attach --interval 0.02 -p " + pid, "attach -d 0.05 --json - -p " + pid,
        "top -b --interval 0.02 -p " + pid, std::string("doctor"), std::string("--help")}) {
    const Finished finished = run_command({"sh", "-c", fmt::format("{} {} > /dev/full", kCtxray, arguments)});
    EXPECT_EQ(finished.status, 1) << arguments;
    EXPECT_TRUE(contains(finished.err, "cannot write")) << arguments << ": " << finished.err;
  }
  EXPECT_TRUE(target.alive());
}

TEST(Faults, TheReadersEndIsNotTheCommands) {
  const Folder folder;
  run_command({"sh", "-c",
               "cd " + folder.path() + "; { $0 run --interval 0.02 --json json -- sh -c " +
                   "'sleep 0.3; echo whole > witness; exit 3'; echo $? > status; } 2>&1 | head -1",
               std::filesystem::absolute(kCtxray)});
  EXPECT_EQ(folder.text("witness"), "whole\n");
  EXPECT_EQ(folder.text("status"), "3\n");
  expect_invariants(folder.json("json"));
}

// As with every program that writes to a pipe; what else was asked for still comes.
TEST(Faults, LinesThatNobodyReadsEnd) {
  const Folder folder;
  Child target({kWorkloads + "sleepers", "1"});
  target.read_line();
  const std::string attach = kCtxray + " attach --interval 0.02 -p " + std::to_string(target.pid());
  const auto read_one_line_of = [&folder](const std::string& command) {
    return run_command({"env", "--default-signal=PIPE", "sh", "-c",
                        "{ " + command + "; echo $? > " + folder.path() + "/status; } | head -1"});
  };
  const Finished finished = read_one_line_of(attach);
  EXPECT_EQ(folder.text("status"), std::to_string(128 + SIGPIPE) + "\n");
  EXPECT_EQ(finished.err, "");
  read_one_line_of(attach + " -d 0.3 --json " + folder.path() + "/json");
  EXPECT_NE(folder.text("status"), "0\n");
  expect_invariants(folder.json("json"));
  EXPECT_TRUE(target.alive());
}

// What is opened later must not take the place of a stream.
TEST(Faults, ClosedStreamsAreNoOtherFiles) {
  const Folder folder;
  Child target({kWorkloads + "sleepers", "1"});
  target.read_line();
  const std::string json = folder.path() + "/json";
  const Finished attach = run_command(
      {"sh", "-c",
       kCtxray + " attach -d 0.05 -p " + std::to_string(target.pid()) + " --json " + json + " <&- >&- 2>&-"});
  EXPECT_EQ(attach.status, 1);
  expect_invariants(folder.json("json"));
  const std::string script = folder.path() + "/script";
  std::ofstream(script) << "for fd in 0 1 2; do [ -e /proc/self/fd/$fd ] && echo $fd >&3; done; exit 5\n";
  const Finished run =
      run_command({"sh", "-c", "exec 3>&1; " + kCtxray + " run --json " + json + " -- sh " + script + " <&- >&- 2>&-"});
  EXPECT_EQ(run.out, ""); // closed for the command too
  EXPECT_EQ(run.status, 5);
  expect_invariants(folder.json("json"));
}

JsonRun run_apart_json(const std::string& before, const std::string& command) {
  const TempFile json;
  JsonRun run;
  run.finished = run_apart(before + " && exec " + kCtxray + " " + command.substr(0, command.find(' ')) + " --json " +
                           json.path() + command.substr(command.find(' ')));
  run.report = Json::parse(json.text(), nullptr, false);
  return run;
}

const std::string kNoProc = "mount -t tmpfs none /proc";

TEST(Faults, WithoutProcACommandIsCountedAllTheSame) {
  expect_equals_last_words(run_apart_json(kNoProc, "run -- " + kWorkloads + "pingpong 2 0.3"));
}

TEST(Faults, WithoutProcTheMachineIsCountedAllTheSame) {
  const JsonRun run = run_apart_json(kNoProc, "attach --all -d 0.1");
  EXPECT_EQ(run.finished.status, 0) << run.finished.err;
  ASSERT_FALSE(run.report.is_discarded());
  EXPECT_EQ(process_of(run.report, 2)["comm"], "kthreadd");
  expect_invariants(run.report);
}

TEST(Faults, WithoutProcOtherTargetsCannotBeFoundAndThatIsTold) {
  for (const char* target : {"-p 1", "-n init"}) {
    const Finished finished = run_apart(fmt::format("{} && exec {} attach -d 0.05 {}", kNoProc, kCtxray, target));
    EXPECT_EQ(finished.status, 1);
    EXPECT_TRUE(contains(finished.err, "/proc")) << finished.err;
  }
}

TEST(Faults, WithoutTracefsNothingIsMissing) {
  expect_equals_last_words(
      run_apart_json("mount -t tmpfs none /sys/kernel/debug && mount -t tmpfs none /sys/kernel/tracing",
                     "run -- " + kWorkloads + "pingpong 2 0.3"));
}

TEST(Faults, WithoutSysTheRemedyIsTold) {
  const Finished finished = run_apart("mount -t tmpfs none /sys && exec " + kCtxray + " run -- true");
  EXPECT_EQ(finished.status, 1);
  EXPECT_TRUE(contains(finished.err, "--btf FILE")) << finished.err;
}

} // namespace
} // namespace ctxray
