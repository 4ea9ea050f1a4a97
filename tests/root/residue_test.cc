// SPDX-License-Identifier: GPL-2.0-or-later
// What ctxray leaves behind however it ends, and what it sees when it is not alone or was stopped for long.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <random>
#include <set>

#include "tests/root/faults.h"
#include "tests/root/objects.h"

namespace ctxray {
namespace {

void expect_no_orphans(const Objects& before) {
  const Objects orphans = orphans_since(before);
  EXPECT_EQ(orphans.size(), 0U) << describe(orphans);
}

void expect_gone(const Objects& ours) {
  Objects left;
  eventually([&] { return (left = both(all_objects(), ours)).size() == 0; });
  EXPECT_EQ(left.size(), 0U) << describe(left);
}

// A target that must go on whatever becomes of ctxray. It is ended before anybody waits for the kernel to free what
// ctxray held: there are kernels on which two that hand a byte to and fro keep the kernel's own workers from their CPU.
class Player {
 public:
  Player() : pid_(std::stoi(child_.read_line())) {}

  [[nodiscard]] std::string pid() const { return std::to_string(pid_); }
  void expect_goes_on() const {
    const std::uint64_t before = kernel_figures(pid_).voluntary;
    eventually([&] { return kernel_figures(pid_).voluntary > before; });
    EXPECT_GT(kernel_figures(pid_).voluntary, before);
  }

 private:
  Child child_{{kWorkloads + "pingpong", "1", "6000"}};
  pid_t pid_;
};

void read_until_attached(Child& ctxray) {
  for (int line = 0; line < 3; ++line) ctxray.read_line(); // two titles, then the first interval
}

TEST(Residue, KillLeavesTheTargetAndNothingElse) {
  std::optional<Player> player(std::in_place);
  const Objects before = all_objects();
  Child ctxray({kCtxray, "attach", "-p", player->pid(), "--interval", "0.05"});
  read_until_attached(ctxray);
  Objects ours;
  add_held(ctxray.pid(), ours);
  EXPECT_GT(ours.programs.size(), 5U);
  EXPECT_GT(ours.maps.size(), 5U);
  EXPECT_GT(ours.links.size(), 5U);
  ctxray.send(SIGKILL);
  ctxray.wait();
  player->expect_goes_on();
  player.reset();
  expect_gone(ours);
  expect_no_orphans(before);
}

TEST(Residue, KillsAtRandomMomentsLeaveNothing) {
  const int kills = size_of(50, 1'000);
  std::optional<Player> player(std::in_place);
  const Objects before = all_objects();
  std::mt19937 random(20'26); // the moments are random enough
  std::uniform_int_distribution<useconds_t> moment(0, 250'000);
  int ended = 0;
  for (int i = 0; i < kills; ++i) {
    std::optional<Child> ctxray;
    if (i % 2 == 0)
      ctxray.emplace(Command{kCtxray, "attach", "-p", player->pid(), "--interval", "0.01"});
    else
      ctxray.emplace(Command{kCtxray, "run", "--", kWorkloads + "sleepers", "20"});
    usleep(moment(random));
    const pid_t group = ctxray->pid();
    ctxray->send(SIGKILL);
    ended += WIFSIGNALED(ctxray->wait()) ? 1 : 0;
    kill(-group, SIGKILL); // the launched command
    if (i % 50 == 49) player->expect_goes_on();
  }
  player->expect_goes_on();
  player.reset();
  expect_no_orphans(before);
  EXPECT_EQ(ended, kills);
  reached("kills", kills);
}

// A launched command does not need ctxray any more once it runs, and does not run without its word.
TEST(Residue, AKilledRunLeavesItsCommandAlone) {
  const TempFile witness;
  Child ctxray({kCtxray, "run", "--", "sh", "-c", "echo ready; sleep 0.2; echo whole >" + witness.path()});
  EXPECT_EQ(ctxray.read_line(), "ready");
  ctxray.send(SIGKILL);
  const std::string rest = ctxray.read_line(); // ends when the command has
  EXPECT_EQ(witness.text(), "whole\n");
}

TEST(Residue, EveryEndLeavesNothing) {
  std::optional<Player> player(std::in_place);
  const Objects before = all_objects();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGSEGV, SIGABRT}) {
    Child ctxray({kCtxray, "attach", "-p", player->pid(), "--interval", "0.02"});
    read_until_attached(ctxray);
    ctxray.send(signal);
    ctxray.wait();
  }
  player->expect_goes_on();
  player.reset();
  expect_no_orphans(before);
}

// Each of them sees all of it, and a tool of bcc on the same events does not harm.
TEST(Residue, OthersAtTheSameTimeChangeNoCount) {
  Child tool({"runqlat", "1"});
  Child machine({kCtxray, "attach", "--all", "--interval", "0.05", "-d", "600"});
  read_until_attached(machine);
  Objects of_tool;
  eventually([&] {
    add_held(tool.pid(), of_tool);
    return !of_tool.links.empty();
  });
  EXPECT_FALSE(of_tool.programs.empty());
  const TempFile outer, inner;
  const Finished finished = run_command({kCtxray, "run", "--json", outer.path(), "--", kCtxray, "run", "--json",
                                         inner.path(), "--", kWorkloads + "pingpong", "4", "1"});
  expect_equals_last_words({finished, Json::parse(outer.text())});
  expect_equals_last_words({finished, Json::parse(inner.text())});
  EXPECT_TRUE(tool.alive());
  EXPECT_TRUE(machine.alive());
  reached("observers of the same program", 4);
}

// Stopped while a storm makes more processes than it has records for, it has their sums all the same.
TEST(Residue, AStopOfCtxrayLosesNoCount) {
  const int count = size_of(5'000, 100'000), seconds = size_of(1, 60);
  const TempFile json;
  Child ctxray(
      {kCtxray, "run", "--json", json.path(), "--", "sh", "-c",
       "echo ready; until read -r pid name state rest </proc/$PPID/stat && [ $state = T ]; do :; done; sleep " +
           std::to_string(seconds) + "; " + kWorkloads + "storm forks " + std::to_string(count) + "; true"});
  EXPECT_EQ(ctxray.read_line(), "ready");
  ctxray.send(SIGSTOP);
  const Storm storm = parse_storm(ctxray.read_line());
  ctxray.send(SIGCONT);
  ASSERT_EQ(ctxray.wait(), 0);
  const Json report = Json::parse(json.text(), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_EQ(report["target"]["processes_seen"], count + 4);
  EXPECT_EQ(report["loss"]["dropped"], 0);
  EXPECT_EQ(report["loss"]["unseeded"], 0);
  EXPECT_EQ(report["loss"]["recursion_misses"], 0);
  EXPECT_GT(report["loss"]["map_full"], count / 4); // shown, not passed over
  Json rest = report["switches"];
  std::set<std::string> known; // the shell and the storm's parent, which ended last
  for (const Json& process : report["processes"])
    if (process["comm"] == "sh" || process["comm"] == "sleep" || process["pid"] == storm.parent) {
      known.insert(process["comm"].get<std::string>());
      for (const char* kind : {"voluntary", "involuntary"})
        rest[kind] = rest[kind].get<double>() - process["switches"][kind].get<double>();
    }
  EXPECT_EQ(known.count("sh") + known.count("storm"), 2U);
  expect_between(storm, rest["voluntary"].get<double>(), rest["involuntary"].get<double>(),
                 100); // sleep, if it was forgotten
  reached("seconds stopped", seconds);
  reached("processes meanwhile", count);
  reached("of them not told apart", report["loss"]["map_full"].get<double>());
}

} // namespace
} // namespace ctxray
