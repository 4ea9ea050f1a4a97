// SPDX-License-Identifier: GPL-2.0-or-later
// Command lines, right and wrong.
#include "userspace/options.h"

#include <gtest/gtest.h>

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
  EXPECT_FALSE(parsed.options->syscalls);
  EXPECT_EQ(parsed.options->colour, ColourChoice::kNever);
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
  expect_usage_error({"attach", "--all", "--syscalls=some"}, "full|off");
  expect_usage_error({"attach", "-p", "1", "--", "ls"}, "only run takes a command");
  expect_usage_error({"frobnicate"}, "frobnicate");
}

TEST(Options, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(parse({"--help"}).exit->status, 0);
  EXPECT_EQ(parse({"run", "--help"}).exit->status, 0);
  EXPECT_EQ(parse({"--version"}).exit->text, std::string("ctxray ") + kVersion + "\n");
}

} // namespace
} // namespace ctxray
