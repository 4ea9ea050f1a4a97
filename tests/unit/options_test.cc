// SPDX-License-Identifier: GPL-2.0-or-later
// Command lines, right and wrong.
#include "userspace/options.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "userspace/error.h"

namespace ctxray {
namespace {

ParsedOptions parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "ctxray");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

void expect_usage_error(const std::vector<const char*>& arguments, const std::string& part) {
  const ParsedOptions parsed = parse(arguments);
  ASSERT_TRUE(parsed.exit.has_value());
  EXPECT_EQ(parsed.exit->status, kExitUsage);
  EXPECT_NE(parsed.exit->text.find(part), std::string::npos) << parsed.exit->text;
}

TEST(Options, RunTakesAllAfterTheDashes) {
  const ParsedOptions parsed = parse({"run", "--json", "-", "--", "ls", "-l", "--", "--json"});
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_EQ(parsed.options->run, (std::vector<std::string>{"ls", "-l", "--", "--json"}));
  EXPECT_EQ(parsed.options->json_path, "-");
}

TEST(Options, ABudgetIsAShareOfTheCpus) {
  EXPECT_DOUBLE_EQ(*parse({"attach", "--all", "--budget", "1%"}).options->budget, 0.01);
  EXPECT_DOUBLE_EQ(*parse({"run", "--budget", "0.5", "true"}).options->budget, 0.005);
  EXPECT_FALSE(parse({"run", "true"}).options->budget);
  for (const char* bad : {"", "%", "0", "-1%", "101%", "one", "1%%"})
    expect_usage_error({"run", "--budget", bad, "true"}, "--budget");
}

TEST(Options, RunNeedsNoDashes) {
  const ParsedOptions parsed = parse({"run", "--interval", "0.5", "ls", "-l"});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.exit->text;
  EXPECT_EQ(parsed.options->run, (std::vector<std::string>{"ls", "-l"}));
  EXPECT_DOUBLE_EQ(parsed.options->interval_s, 0.5);
}

TEST(Options, AttachTakesManyTargets) {
  const ParsedOptions parsed = parse({"attach", "-p", "12,13", "-p", "14", "-n", "redis-server", "-d", "2.5"});
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_EQ(parsed.options->targets.pids, (std::vector<std::uint32_t>{12, 13, 14}));
  EXPECT_EQ(parsed.options->targets.names, (std::vector<std::string>{"redis-server"}));
  EXPECT_DOUBLE_EQ(parsed.options->duration_s, 2.5);
  EXPECT_TRUE(parsed.options->follow);
}

TEST(Options, SwitchesGoOff) {
  const ParsedOptions parsed = parse({"attach", "--all", "--no-follow", "--syscalls=off", "--color", "never"});
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_TRUE(parsed.options->targets.everything);
  EXPECT_FALSE(parsed.options->follow);
  EXPECT_EQ(parsed.options->syscalls, CallCounting::kOff);
  EXPECT_EQ(parsed.options->colour, ColourChoice::kNever);
}

TEST(Options, RunCountsAllSystemCallsAndOthersEstimate) {
  EXPECT_EQ(parse({"run", "true"}).options->syscalls, CallCounting::kFull);
  EXPECT_EQ(parse({"attach", "-p", "1"}).options->syscalls, CallCounting::kSampled);
  EXPECT_EQ(parse({"attach", "-p", "1", "--syscalls=full"}).options->syscalls, CallCounting::kFull);
}

TEST(Options, NothingMeansTheWholeMachine) {
  const ParsedOptions parsed = parse({});
  ASSERT_TRUE(parsed.options.has_value());
  EXPECT_EQ(parsed.options->command, Command::kTop);
  EXPECT_TRUE(parsed.options->targets.everything);
  EXPECT_DOUBLE_EQ(parsed.options->interval_s, 1);
}

TEST(Options, MistakesAreNamed) {
  expect_usage_error({"run"}, "no command given");
  expect_usage_error({"run", "--"}, "no command given");
  expect_usage_error({"run", "--nonsense", "ls"}, "--nonsense");
  expect_usage_error({"attach"}, "say what to attach to");
  expect_usage_error({"attach", "-p", "-5"}, "not the number of a process");
  expect_usage_error({"attach", "-p", "12x"}, "not the number of a process");
  expect_usage_error({"attach", "-p", "1", "-d", "0"}, "not a number of seconds");
  expect_usage_error({"attach", "-p", "1", "--all"}, "--all");
  expect_usage_error({"attach", "--all", "--syscalls=some"}, "full|off|sampled");
  expect_usage_error({"attach", "-p", "1", "--", "ls"}, "only run takes a command");
  expect_usage_error({"atach", "-p", "1"}, "unknown command atach");
  expect_usage_error({"--nonsense"}, "unknown option --nonsense");
  expect_usage_error({"attach", "-p", "1", "--nonsense"}, "unknown option --nonsense");
  expect_usage_error({"doctor", "frobnicate"}, "unexpected argument frobnicate");
}

TEST(Options, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(parse({"--help"}).exit->status, 0);
  EXPECT_EQ(parse({"run", "--help"}).exit->status, 0);
  EXPECT_EQ(parse({"--version"}).exit->text, std::string("ctxray ") + kVersion + "\n");
}

// A config file with this text.
class Config {
 public:
  explicit Config(const std::string& text) : path_(testing::TempDir() + "ctxray-config") {
    std::ofstream(path_) << text;
  }
  ~Config() { std::remove(path_.c_str()); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

ParsedOptions parse_with(const Config& config, std::vector<const char*> arguments = {}) {
  arguments.insert(arguments.begin(), "ctxray");
  return parse_options(static_cast<int>(arguments.size()), arguments.data(), config.path());
}

TEST(Config, GivesTheLiveViewItsDefaults) {
  const Config config("theme = colour-blind\nsort = cpu\ncolumns = pid, name, waits\ninterval = 2.5\nascii = true\n");
  const ParsedOptions parsed = parse_with(config);
  ASSERT_TRUE(parsed.options.has_value()) << parsed.exit->text;
  EXPECT_EQ(parsed.options->view.theme, tui::Theme::kColourBlind);
  EXPECT_EQ(parsed.options->view.sort, "cpu");
  EXPECT_EQ(parsed.options->view.columns, (std::vector<std::string>{"pid", "name", "waits"}));
  EXPECT_DOUBLE_EQ(parsed.options->interval_s, 2.5);
  EXPECT_TRUE(parsed.options->view.ascii);
}

TEST(Config, TheCommandLineComesFirst) {
  const Config config("sort = cpu\ninterval = 2.5\n");
  const ParsedOptions parsed = parse_with(config, {"--sort", "io", "top", "--interval", "4"});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.exit->text;
  EXPECT_EQ(parsed.options->view.sort, "io");
  EXPECT_DOUBLE_EQ(parsed.options->view.interval_s, 4);
}

TEST(Config, LeavesReportsAlone) {
  const Config config("interval = 2.5\n");
  const ParsedOptions parsed = parse_with(config, {"attach", "-p", "1"});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.exit->text;
  EXPECT_DOUBLE_EQ(parsed.options->interval_s, 0);
}

TEST(Config, FaultsAreNamed) {
  for (const char* text : {"colour = red\n", "sort = nothing\n", "theme = pink\n", "interval = soon\n"}) {
    const Config config(text);
    const ParsedOptions parsed = parse_with(config);
    ASSERT_TRUE(parsed.exit.has_value()) << text;
    EXPECT_EQ(parsed.exit->status, kExitUsage);
    const std::string key = std::string(text).substr(0, std::string(text).find(' '));
    EXPECT_NE(parsed.exit->text.find(key), std::string::npos) << parsed.exit->text;
    EXPECT_NE(parsed.exit->text.find(config.path()), std::string::npos) << parsed.exit->text;
  }
}

TEST(Config, NeedNotBeThere) {
  const char* const name = "ctxray";
  EXPECT_TRUE(parse_options(1, &name, "/nonexistent/config").options.has_value());
}

TEST(Config, IsWhereOthersKeepTheirs) {
  EXPECT_EQ(default_config_path("/x", "/home/me"), "/x/ctxray/config");
  EXPECT_EQ(default_config_path(nullptr, "/home/me"), "/home/me/.config/ctxray/config");
  EXPECT_EQ(default_config_path("relative", "/home/me"), "/home/me/.config/ctxray/config");
  EXPECT_EQ(default_config_path(nullptr, nullptr), "");
}

TEST(Options, TopIsLiveUnlessOutputGoesElsewhere) {
  EXPECT_TRUE(parse({"top"}).options->live);
  EXPECT_TRUE(parse({}).options->live);
  EXPECT_FALSE(parse({"top", "-b"}).options->live);
  EXPECT_FALSE(parse({"top", "--json", "-"}).options->live);
  EXPECT_FALSE(parse({"run", "ls"}).options->live);
  EXPECT_TRUE(parse({"run", "--tui", "ls"}).options->live);
}

} // namespace
} // namespace ctxray
