// SPDX-License-Identifier: GPL-2.0-or-later
// What ctxray gives up after loading, what still works then, what a command inherits, and whose its files are.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "probes/privileges.h"
#include "tests/root/ordinary.h"
#include "tests/root/terminal.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

using Status = std::map<std::string, std::string>;

Capabilities parse_set(const std::string& hex) { return std::stoull(hex, nullptr, 16); }

// The machine that the tests run on may itself withhold some.
void expect_kept(const Status& status, const LaterUse& use) {
  const Kept kept = kept_capabilities(use);
  const Capabilities ours = parse_set(status_of(getpid())["CapPrm"]);
  EXPECT_EQ(status.at("CapEff"), fmt::format("{:016x}", kept.effective & ours));
  EXPECT_EQ(status.at("CapPrm"), fmt::format("{:016x}", (kept.effective | kept.raised) & ours));
  EXPECT_EQ(parse_set(status.at("CapInh")), 0U);
  EXPECT_EQ(parse_set(status.at("CapAmb")), 0U);
  EXPECT_EQ(status.at("NoNewPrivs"), "1");
}

void read_lines(Child& child, int count) {
  while (count-- > 0) child.read_line();
}

TEST(GivenUp, IsAllThatIsNotNeededAfterLoading) {
  Child target({"sleep", "1000"});
  const Command attach = {kCtxray, "attach", "-p", std::to_string(target.pid()), "--interval", "0.05"};
  Command with_coroutines = attach;
  with_coroutines.emplace_back("--coroutines");
  const std::vector<std::pair<Command, LaterUse>> cases = {
      {attach, {}},
      {with_coroutines, {.probes_files = true}},
      {{kCtxray, "top", "-b", "--interval", "0.05"}, {}},
      {{kCtxray, "run", "-o", "/dev/stdout", "--interval", "0.05", "--", "sleep", "1000"}, {.sends_signals = true}},
  };
  for (const auto& [command, use] : cases) {
    SCOPED_TRACE(command[1]);
    Child ctxray(command);
    read_lines(ctxray, 3); // two titles, then the first interval: it is attached
    expect_kept(status_of(ctxray.pid()), use);
  }
}

TEST(GivenUp, LeavesWhatIsStillNeeded) {
  const TempFolder folder(kUser, 0700);
  const TempFolder programs;
  const TempFile json;
  // Its temporary file is open in a folder of its own, and is no file of root's.
  Child target(as_user(kUser, {"env", "TMPDIR=" + folder / "", programs.copy(kWorkloads + "file_io"), "flock", "600"}));
  await_program(target, "file_io");
  const Finished finished = run_command({kCtxray, "attach", "-p", std::to_string(target.pid()), "-d", "0.5", "--budget",
                                         "90", "--json", json.path(), "-o", "/dev/null"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json report = Json::parse(json.text());
  bool named = false;
  for (const Json& site : process_of(report, target.id())["wait_sites"])
    named = named || site.value("object", "").find('/') != std::string::npos;
  EXPECT_TRUE(named) << process_of(report, target.id())["wait_sites"];
  EXPECT_TRUE(report["overhead"].contains("bpf_ns")) << report["overhead"];
  EXPECT_FALSE(report["syscalls"].empty());
}

TEST(GivenUp, SignalsStillReachACommandThatIsAnotherUsers) {
  Child ctxray({kCtxray, "run", "--user", "nobody", "--", "sh", "-c", "echo ready; exec sleep 600"});
  ctxray.read_line();
  ctxray.send(SIGTERM);
  EXPECT_EQ(WEXITSTATUS(ctxray.wait()), 128 + SIGTERM);
}

TEST(Command, HasTheRightsThatItHasWithoutCtxray) {
  const Command show = {"cat", "/proc/self/status"};
  const InstalledProgram installed("cap_bpf,cap_perfmon,cap_sys_ptrace,cap_dac_override=ep");
  for (const uid_t user : {uid_t{0}, kUser}) {
    Command traced = {user == 0 ? kCtxray : installed.path(), "run", "-o", "/dev/null", "--"};
    traced.insert(traced.end(), show.begin(), show.end());
    const Finished finished = run_command(user == 0 ? traced : as_user(user, traced));
    ASSERT_EQ(finished.status, 0) << finished.err;
    Status with = parse_status(finished.out);
    Status without = parse_status(run_command(user == 0 ? show : as_user(user, show)).out);
    for (const char* line : {"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
                             "Seccomp", "SigBlk", "SigIgn"})
      EXPECT_EQ(with[line], without[line]) << line << " of user " << user;
    EXPECT_EQ(with["NoNewPrivs"], "0");
  }
}

// As seen from outside, while it waits for its word and when it runs.
TEST(Command, HasNoDescriptorOfOurs) {
  const auto count = [](const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  };
  const Command sleeper = {"sh", "-c", "echo $$; exec sleep 600"};
  Child alone(sleeper);
  Command whole = {kCtxray, "run", "--json", "/dev/null", "--"};
  whole.insert(whole.end(), sleeper.begin(), sleeper.end());
  Child traced(whole);
  const std::string pid_alone = alone.read_line(), pid_traced = traced.read_line();
  ASSERT_FALSE(pid_traced.empty()) << traced.errors();
  EXPECT_EQ(count("/proc/" + pid_traced + "/fd"), count("/proc/" + pid_alone + "/fd"));
}

// The set-user-ID bit where an administrator has put it gives no more than the capabilities would.
TEST(Command, IsNotRootsWhereOnlyTheFileIs) {
  const TempFolder folder;
  const std::string program = folder.copy(kCtxray);
  ASSERT_EQ(chmod(program.c_str(), 04755), 0);
  const Finished own = run_command(as_user(kUser, {program, "run", "-o", "/dev/null", "--", "id", "-u"}));
  EXPECT_EQ(own.out, std::to_string(kUser) + "\n") << own.err;
  const Finished other = run_command(as_user(kUser, {program, "run", "--user", "nobody", "--", "id", "-u"}));
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.err.find("cannot run as another user"), std::string::npos) << other.err;
}

uid_t owner_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_uid;
}

Command called_by_sudo(const Command& command) {
  const std::string id = std::to_string(kUser);
  Command whole = {"env", "SUDO_UID=" + id, "SUDO_GID=" + id};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

TEST(Files, BelongToWhoCalledSudo) {
  const TempFolder folder(kUser);
  const std::string text = folder / "text", json = folder / "json";
  for (int time = 0; time < 2; ++time) { // the second one finds the files of the first
    const Finished run = run_command(called_by_sudo({kCtxray, "run", "-o", text, "--json", json, "--", "true"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(owner_of(text), kUser);
    EXPECT_EQ(owner_of(json), kUser);
  }
}

TEST(Files, SavedFromTheLiveViewBelongToWhoCalledSudo) {
  const TempFolder folder(kUser, 0700);
  Child sleeper({"sleep", "1000"});
  const Terminal terminal("cd " + folder / "" + "; " +
                              fmt::format("SUDO_UID={0} SUDO_GID={0} {1}/{2} top -p {3}", kUser,
                                          fs::current_path().string(), kCtxray, sleeper.pid()),
                          100, 24);
  EXPECT_TRUE(terminal.shows("idle 100")) << terminal.screen(); // all is loaded
  expect_kept(status_of(terminal.pid_of("ctxray")), {.saves_files = true});
  terminal.press("s");
  EXPECT_TRUE(terminal.shows("saved as")) << terminal.screen();
  int files = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "")) {
    EXPECT_EQ(owner_of(entry.path().string()), kUser) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 1);
}

TEST(Files, OfOthersAreSparedWhereAllMayWrite) {
  const TempFolder shared(0, 01777);
  const TempFolder own;
  const InstalledProgram installed("cap_bpf,cap_perfmon=ep");
  const std::string precious = own / "precious", witness = shared / "witness";
  std::ofstream(precious) << "precious";
  std::ofstream(shared / "file") << "precious";
  fs::create_symlink(precious, shared / "link");
  fs::create_symlink(own / "new", shared / "dangling");
  for (const char* name : {"file", "link", "dangling"})
    ASSERT_EQ(lchown((shared / name).c_str(), kOtherUser, kOtherUser), 0);
  for (const char* name : {"file", "link", "dangling"})
    for (const char* option : {"-o", "--json"}) {
      const Command rest = {"run", option, shared / name, "--", "touch", witness};
      Command as_root = {kCtxray}, ordinary = {installed.path()};
      as_root.insert(as_root.end(), rest.begin(), rest.end());
      ordinary.insert(ordinary.end(), rest.begin(), rest.end());
      for (const Command& command : {as_root, called_by_sudo(as_root), as_user(kUser, ordinary)}) {
        const Finished finished = run_command(command);
        EXPECT_EQ(finished.status, 1);
        EXPECT_NE(finished.err.find("of another user's"), std::string::npos) << finished.err;
      }
    }
  EXPECT_EQ(read_file(precious), "precious");
  EXPECT_EQ(read_file(shared / "file"), "precious");
  EXPECT_FALSE(fs::exists(own / "new"));
  EXPECT_FALSE(fs::exists(witness));
}

} // namespace
} // namespace ctxray
