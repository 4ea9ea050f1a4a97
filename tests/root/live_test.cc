// SPDX-License-Identifier: GPL-2.0-or-later
// The live view in a real terminal, on real targets.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <optional>

#include "tests/root/terminal.h"

namespace ctxray {
namespace {

const std::string kHere = std::filesystem::current_path().string() + "/";
const std::string kProgram = kHere + kCtxray;

std::string attached_to(const Child& target) { return kProgram + " top -p " + std::to_string(target.pid()); }

TEST(Live, ShowsWhatBoundsAProcessAndWhy) {
  Child spinner({kWorkloads + "spin", "1", "100000"});
  spinner.read_line();
  const Terminal terminal(attached_to(spinner), 120, 30);
  EXPECT_TRUE(terminal.shows("cpu-bound")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("nothing lost")) << terminal.screen();
  terminal.press("Enter");
  EXPECT_TRUE(terminal.shows("Why spin")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("parallelism")) << terminal.screen();
  terminal.press("Escape");
  EXPECT_TRUE(terminal.shows("VERDICT")) << terminal.screen();
  terminal.press("q");
  EXPECT_TRUE(terminal.shows("[status 0]")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("[restored]")) << "the terminal was not restored";
}

TEST(Live, EachNumberShowsItsView) {
  Child sleeper({"sleep", "1000"});
  const Terminal terminal(attached_to(sleeper), 110, 30);
  EXPECT_TRUE(terminal.shows("idle 100"));
  const std::vector<std::pair<std::string, std::string>> views = {{"2", "TID"},
                                                                  {"3", "verdict"},
                                                                  {"4", "zoom"},
                                                                  {"5", "PLACE"},
                                                                  {"6", "LINE OR VECTOR"},
                                                                  {"7", "RUNQ AVG"},
                                                                  {"8", "SYSTEM CALL"},
                                                                  {"9", "What the bars show"},
                                                                  {"1", "VERDICT"}};
  for (const auto& [key, title] : views) {
    terminal.press(key);
    EXPECT_TRUE(terminal.shows(title)) << key << "\n" << terminal.screen();
  }
}

TEST(Live, SurvivesAnySize) {
  Child sleeper({"sleep", "1000"});
  const Terminal terminal(attached_to(sleeper), 150, 40);
  EXPECT_TRUE(terminal.shows("HISTORY")) << terminal.screen();
  terminal.resize(40, 10);
  EXPECT_TRUE(terminal.no_longer_shows("HISTORY")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("sleep")) << terminal.screen();
  terminal.resize(10, 3);
  terminal.resize(150, 40);
  EXPECT_TRUE(terminal.shows("HISTORY")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("sleep")) << terminal.screen();
}

TEST(Live, EverySignalThatEndsItRestoresTheTerminal) {
  Child sleeper({"sleep", "1000"});
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGABRT}) {
    const Terminal terminal(attached_to(sleeper), 100, 24);
    EXPECT_TRUE(terminal.shows("VERDICT"));
    kill(terminal.pid_of("ctxray"), signal);
    EXPECT_TRUE(terminal.shows("[status")) << strsignal(signal) << "\n" << terminal.screen();
    EXPECT_TRUE(terminal.shows("[restored]")) << strsignal(signal);
    EXPECT_EQ(terminal.screen().find("VERDICT"), std::string::npos) << strsignal(signal);
  }
}

TEST(Live, ATargetThatEndsLeavesItsLastPicture) {
  Child sleeper({"sleep", "1000"});
  const Terminal terminal(attached_to(sleeper), 100, 24);
  EXPECT_TRUE(terminal.shows("idle 100"));
  sleeper.send(SIGKILL);
  EXPECT_TRUE(terminal.shows("all targets have ended")) << terminal.screen();
  terminal.press("Enter");
  terminal.press("q");
  EXPECT_TRUE(terminal.shows("[status 0]")) << terminal.screen();
}

TEST(Live, EndsWithItsTerminal) {
  for (const bool target_ended : {false, true}) {
    Child sleeper({"sleep", "1000"});
    std::optional<Terminal> terminal(std::in_place, attached_to(sleeper), 100, 24);
    EXPECT_TRUE(terminal->shows("idle 100")) << terminal->screen();
    const pid_t viewer = terminal->pid_of("ctxray");
    if (target_ended) {
      sleeper.send(SIGKILL);
      EXPECT_TRUE(terminal->shows("all targets have ended")) << terminal->screen();
    }
    terminal.reset();
    EXPECT_TRUE(comes_true([viewer] { return kill(viewer, 0) != 0; })) << "it goes on without a terminal";
    kill(viewer, SIGKILL);
  }
}

TEST(Live, ACommandsOutputComesAfterTheScreen) {
  const Terminal terminal(kProgram + " run --tui -- sh -c \"echo its output; exit 3\"", 110, 40);
  EXPECT_TRUE(terminal.shows("has ended with status 3")) << terminal.screen();
  EXPECT_EQ(terminal.screen().find("its output\n"), std::string::npos);
  terminal.press("q");
  EXPECT_TRUE(terminal.shows("[status 3]")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("its output")) << terminal.screen();
}

TEST(Live, HostileNamesStayWithinTheirRow) {
  const TempFile script;
  const std::filesystem::path folder = script.path() + "-dir";
  std::filesystem::create_directory(folder);
  const std::string name = folder / "a\033[2J\033]0;b\nc\xff";
  std::filesystem::copy_file("/bin/sleep", name);
  Child sleeper({name, "1000"});
  const Terminal terminal(attached_to(sleeper), 100, 24);
  EXPECT_TRUE(terminal.shows("a?[2J?]0;b?c?")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("VERDICT"));
  std::filesystem::remove_all(folder);
}

TEST(Live, ATerminalThatCannotIsTold) {
  Child sleeper({"sleep", "1000"});
  const Terminal terminal(attached_to(sleeper), 100, 24, "dumb");
  EXPECT_TRUE(terminal.shows("no live view")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("verdict")) << terminal.screen();
}

TEST(Live, StopsAndGoesOn) {
  Child sleeper({"sleep", "1000"});
  const Terminal terminal("set -m; " + attached_to(sleeper) + "; echo [held]; fg", 100, 24);
  EXPECT_TRUE(terminal.shows("VERDICT"));
  terminal.press("C-z");
  EXPECT_TRUE(terminal.shows("VERDICT")) << terminal.screen(); // fg brings it back
  terminal.press("q");
  EXPECT_TRUE(terminal.shows("[held]")) << terminal.screen();
  EXPECT_TRUE(terminal.shows("[restored]")) << terminal.screen();
}

} // namespace
} // namespace ctxray
