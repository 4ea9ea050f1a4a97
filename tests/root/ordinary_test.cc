// SPDX-License-Identifier: GPL-2.0-or-later
// ctxray with capabilities on its file and run by an ordinary user: it works, and shows him nothing of others.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/root/ordinary.h"
#include "tests/root/terminal.h"

namespace ctxray {
namespace {

constexpr const char* kRecipe = "cap_bpf,cap_perfmon=ep"; // as in README.md

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Ordinary : public testing::Test {
 protected:
  // ctxray with these arguments, as the user.
  Command tool(const Command& arguments) {
    Command command = {installed_.path()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return as_user(kUser, command);
  }

  Json report_of(Command arguments, const Command& rest = {}) {
    const std::string path = folder_ / "report.json";
    arguments.insert(arguments.end(), {"--json", path, "-o", "/dev/null"});
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    const Finished finished = run_command(tool(arguments));
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, kUser);
    return Json::parse(read_file(path), nullptr, false);
  }

  TempFolder programs_;
  TempFolder folder_{kUser, 0700};
  InstalledProgram installed_{kRecipe};
};

bool has_process(const Json& report, pid_t pid) {
  for (const Json& process : report["processes"])
    if (process["pid"] == pid) return true;
  return false;
}

TEST_F(Ordinary, RunsACommand) {
  const Json report = report_of({"run"}, {"--", programs_.copy(kWorkloads + "phases")});
  EXPECT_EQ(report["target"]["exit_status"], 0);
  EXPECT_GT(report["switches"]["voluntary"], 0);
  EXPECT_FALSE(report["syscalls"].empty());
  EXPECT_FALSE(report["processes"][0]["wait_sites"].empty());
  EXPECT_EQ(report["loss"]["withheld"], 0);
  expect_invariants(report);
}

// System calls are probed in slices that come and go, and files are named: all after it has given up its rights.
TEST_F(Ordinary, AttachesToHisOwn) {
  Child target(
      as_user(kUser, {"env", "TMPDIR=" + folder_ / "", programs_.copy(kWorkloads + "file_io"), "flock", "600"}));
  await_program(target, "file_io");
  const std::string pid = std::to_string(target.pid());
  const Json report = report_of({"attach", "-p", pid, "-d", "1"});
  const Json& process = process_of(report, target.id());
  bool named = false;
  for (const Json& site : process["wait_sites"]) named = named || contains(site.value("object", ""), "ctxray-workload");
  EXPECT_TRUE(named) << process["wait_sites"];
  EXPECT_FALSE(report["syscalls"].empty());
  EXPECT_TRUE(has_process(report_of({"attach", "-n", "file_io", "-d", "0.1"}), target.pid()));
  expect_invariants(report);
}

TEST_F(Ordinary, KeepsNothingAfterLoading) {
  const Sleeper target(kUser);
  for (const std::string& mode : {"attach --interval 0.05 -p " + std::to_string(target.pid()),
                                  std::string("run --interval 0.05 -- sleep 1000")}) {
    Child ctxray(as_user(kUser, {"sh", "-c", "exec " + installed_.path() + " " + mode + " 2>&1"}));
    for (int line = 0; line < 3; ++line) ctxray.read_line();
    std::map<std::string, std::string> status = status_of(ctxray.pid());
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
      EXPECT_EQ(status[set], std::string(16, '0')) << set;
    EXPECT_EQ(status["NoNewPrivs"], "1");
    EXPECT_EQ(status["Uid"], "64001\t64001\t64001\t64001");
  }
}

TEST_F(Ordinary, IsNotLetToOthers) {
  const Sleeper other(kOtherUser);
  // Its ids are his, but by its capability it is no more open to him than others' are: so says ptrace(2).
  const InstalledProgram strong_sleep("cap_net_raw=ep", "/bin/sleep");
  const Sleeper strong(kUser, strong_sleep.path());
  EXPECT_TRUE(comes_true([&] { return status_of(strong.pid())["CapPrm"] != std::string(16, '0'); }));
  for (const pid_t pid : {other.pid(), strong.pid(), pid_t{1}}) {
    const Finished finished = run_command(tool({"attach", "-p", std::to_string(pid), "-d", "0.1"}));
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.out, "");
    EXPECT_TRUE(contains(finished.err, "process " + std::to_string(pid) + ": it is not yours")) << finished.err;
    EXPECT_TRUE(contains(finished.err, "sudo")) << finished.err;
  }
  const Finished named = run_command(tool({"attach", "-n", "sleep", "-d", "0.1"}));
  EXPECT_EQ(named.status, 1);
  EXPECT_TRUE(contains(named.err, "no process of yours is named \"sleep\"")) << named.err;
  EXPECT_FALSE(has_process(report_of({"attach", "--all", "-d", "0.1"}), strong.pid()));
}

TEST_F(Ordinary, SeesAllHisOwnAndNoOthers) {
  const Sleeper own(kUser);
  const Sleeper other(kOtherUser);
  const Json report = report_of({"attach", "--all", "-d", "0.3"});
  EXPECT_TRUE(has_process(report, own.pid()));
  EXPECT_FALSE(has_process(report, other.pid()));
  const auto is_his = [](const Json& pid) { // or has ended
    struct stat status {};
    return stat(("/proc/" + pid.dump()).c_str(), &status) != 0 || status.st_uid == kUser;
  };
  for (const Json& process : report["processes"]) {
    EXPECT_TRUE(is_his(process["pid"])) << process["pid"];
    for (const Json& site : process["wait_sites"])
      EXPECT_TRUE(!site.contains("waker") || is_his(site["waker"]["pid"])) << site;
  }
  EXPECT_EQ(report["target"]["own_only"], true);
  const Finished text = run_command(tool({"attach", "--all", "-d", "0.1"}));
  EXPECT_TRUE(contains(text.out, "all your own processes")) << text.out << text.err;
}

// A process of root's becomes his while he watches, as at a login.
TEST_F(Ordinary, SeesWhatBecomesHis) {
  Child ctxray(tool({"attach", "--all", "--interval", "0.05", "--json", folder_ / "report.json"}));
  for (int line = 0; line < 3; ++line) ctxray.read_line();
  const Sleeper own(kUser);
  for (int line = 0; line < 4; ++line) ctxray.read_line();
  ctxray.send(SIGINT);
  EXPECT_EQ(WEXITSTATUS(ctxray.wait()), 0) << ctxray.errors();
  EXPECT_TRUE(has_process(Json::parse(read_file(folder_ / "report.json")), own.pid()));
}

TEST_F(Ordinary, LosesSightOfWhatTakesOnOtherRights) {
  const std::string id = programs_.copy("/usr/bin/id");
  ASSERT_EQ(chmod(id.c_str(), 04755), 0); // of root
  for (const Command& command : {Command{id, "-u"}, Command{"sh", "-c", id + " -u; exit 3"}}) {
    Command rest = {"--"};
    rest.insert(rest.end(), command.begin(), command.end());
    const std::string path = folder_ / "report.json";
    Command arguments = {"run", "--json", path};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    const Finished finished = run_command(tool(arguments));
    EXPECT_EQ(finished.out, "0\n") << finished.err; // it has the rights that it has without ctxray
    EXPECT_TRUE(contains(finished.err, "rights that are not yours")) << finished.err;
    const Json report = Json::parse(read_file(path));
    EXPECT_EQ(report["loss"]["withheld"], 1);
    expect_invariants(report);
  }
}

TEST_F(Ordinary, MayNotSteerWhatTheKernelIsAskedFor) {
  for (const Command& option : {Command{"--coroutines"}, Command{"--coroutine-probe", "/bin/sleep:main"},
                                Command{"--btf", "/sys/kernel/btf/vmlinux"}}) {
    Command arguments = {"run"};
    arguments.insert(arguments.end(), option.begin(), option.end());
    arguments.insert(arguments.end(), {"--", "true"});
    const Finished finished = run_command(tool(arguments));
    EXPECT_EQ(finished.status, 1);
    EXPECT_TRUE(contains(finished.err, "for root alone")) << finished.err;
  }
}

TEST_F(Ordinary, LiveViewSaysThatItShowsHisOwn) {
  const Sleeper own(kUser);
  std::string command;
  for (const std::string& word : tool({"top"})) command += word + " ";
  const Terminal terminal(command, 100, 24);
  EXPECT_TRUE(terminal.shows("only your own processes")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("sleep")) << terminal.screen();
  EXPECT_FALSE(contains(terminal.screen(), "root-tests")) << terminal.screen();
}

// What each capability is for shows when it is not there.
TEST(Recipe, NamesTheCapabilityThatIsMissing) {
  for (const auto& [given, missing] :
       {std::pair("", "CAP_BPF"), std::pair("cap_bpf=ep", "CAP_PERFMON"), std::pair("cap_perfmon=ep", "CAP_BPF")}) {
    const InstalledProgram program(given);
    for (const Command& arguments : {Command{"run", "--", "true"}, Command{"attach", "--all", "-d", "0.1"}}) {
      Command command = {program.path()};
      command.insert(command.end(), arguments.begin(), arguments.end());
      const Finished finished = run_command(as_user(kUser, command));
      EXPECT_EQ(finished.status, 1);
      EXPECT_TRUE(contains(finished.err, std::string(missing) + " is missing")) << finished.err;
      EXPECT_TRUE(contains(finished.err, "setcap cap_bpf,cap_perfmon")) << finished.err;
    }
  }
}

TEST(Recipe, CostAndDoctorNeedNothing) {
  const InstalledProgram program("");
  EXPECT_EQ(run_command(as_user(kUser, {program.path(), "doctor"})).status, 0);
}

// Who holds the capability to look into everybody's processes by himself, or is root, sees them.
TEST(Recipe, InheritedRightsCount) {
  const InstalledProgram installed(kRecipe);
  const Sleeper target(kOtherUser);
  const std::string id = std::to_string(kUser), pid = std::to_string(target.pid());
  const Finished finished =
      run_command({"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--inh-caps=-all,+sys_ptrace",
                   installed.path(), "attach", "-p", std::to_string(target.pid()), "-d", "0.1"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(contains(finished.out, pid)) << finished.out;
}

// Not root, but with capabilities of its own: for it nobody is hidden, and its command inherits them as without ctxray.
TEST(Recipe, AServiceSeesEverybodysWithoutRoot) {
  const TempFolder programs, folder(kOtherUser, 0700);
  const TempFile json;
  const std::string program = programs.copy(kCtxray), id = std::to_string(kUser);
  ASSERT_EQ(chown(json.path().c_str(), kUser, kUser), 0);
  Child target(
      as_user(kOtherUser, {"env", "TMPDIR=" + folder / "", programs.copy(kWorkloads + "file_io"), "flock", "600"}));
  await_program(target, "file_io");
  const std::string capabilities = "=-all,+bpf,+perfmon,+sys_ptrace,+dac_read_search";
  const Command service = {"setpriv",
                           "--reuid=" + id,
                           "--regid=" + id,
                           "--clear-groups",
                           "--inh-caps" + capabilities,
                           "--ambient-caps" + capabilities};
  Command watch = service, show = service, traced = service;
  watch.insert(watch.end(), {program, "attach", "--all", "-d", "0.5", "-o", "/dev/null", "--json"});
  watch.push_back(json.path());
  const Finished finished = run_command(watch);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json report = Json::parse(json.text());
  EXPECT_TRUE(has_process(report, getpid()));
  bool named = false;
  for (const Json& site : process_of(report, target.id())["wait_sites"])
    named = named || contains(site.value("object", ""), "ctxray-workload");
  EXPECT_TRUE(named) << process_of(report, target.id())["wait_sites"];

  show.insert(show.end(), {"cat", "/proc/self/status"});
  traced.insert(traced.end(), {program, "run", "-o", "/dev/null", "--", "cat", "/proc/self/status"});
  std::map<std::string, std::string> with = parse_status(run_command(traced).out);
  std::map<std::string, std::string> without = parse_status(run_command(show).out);
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"})
    EXPECT_EQ(with[set], without[set]) << set;
}

} // namespace
} // namespace ctxray
