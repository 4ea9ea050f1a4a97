// SPDX-License-Identifier: GPL-2.0-or-later
// Texts of /proc, cgroups and /sys, with names as targets may choose them.
#include "probes/proc_text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ctxray {
namespace {

std::vector<std::string> groups_of(const std::string& text) {
  std::istringstream stream(text);
  return parse_cgroup(stream);
}

TEST(ProcText, ANameMayLookLikeTheRestOfItsLine) {
  const std::optional<ProcessStat> stat = parse_stat("812 (a) S 1 (b\n) Z 7 812 812 0 -1 2097216 100 0\n");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->comm, "a) S 1 (b\n");
  EXPECT_EQ(stat->state, 'Z');
  EXPECT_EQ(stat->ppid, 7U);
  EXPECT_TRUE(stat->kernel_thread);
  for (const char* text : {"", "812", "812 (a", "812 )a(", "812 (a) S", "812 (a) S x"}) EXPECT_FALSE(parse_stat(text));
}

TEST(ProcText, ANameMayHaveNewlines) {
  EXPECT_EQ(parse_comm("a\nb\n\n"), "a\nb\n");
  EXPECT_EQ(parse_comm("a\n"), "a");
  EXPECT_EQ(parse_comm(""), "");
}

TEST(ProcText, ArgumentsAreJoined) {
  EXPECT_EQ(parse_command_line(std::string("tar\0-x\0\0", 8)), "tar -x");
  EXPECT_EQ(parse_command_line(std::string("\0\0", 2)), "");
}

TEST(ProcText, NamesAreTheKernelsOrThePrograms) {
  const std::string command("/usr/bin/a-very-long-program\0x", 30);
  EXPECT_TRUE(is_named("a-very-long-pro", command, "a-very-long-program"));
  EXPECT_TRUE(is_named("worker", command, "a-very-long-program"));
  EXPECT_TRUE(is_named("worker", command, "worker"));
  EXPECT_TRUE(is_named("a\nb", command, "a\nb"));
  EXPECT_FALSE(is_named("a-very-long", command, "a-very-long-pro"));
  EXPECT_FALSE(is_named("worker", command, "bin"));
  EXPECT_FALSE(is_named("", "", ""));
}

TEST(ProcText, GroupsAreThoseAboveToo) {
  EXPECT_EQ(groups_of("11:cpu:/x\n0::/a/b.service\n"), (std::vector<std::string>{"a/b.service", "a"}));
  EXPECT_TRUE(groups_of("0::/\n").empty());
  EXPECT_TRUE(groups_of("11:cpu:/x\n").empty());
  EXPECT_TRUE(groups_of("0::/../a\n").empty());
  EXPECT_TRUE(groups_of("0::/a/..\n").empty());
  EXPECT_TRUE(groups_of("0:://etc\n").empty()); // the kernel writes no such thing
  EXPECT_EQ(groups_of("0::/a//b/\n").back(), "a");
}

TEST(ProcText, AQuotaIsAPartOfItsPeriod) {
  EXPECT_EQ(parse_cpu_max("50000 100000\n"), 0.5);
  for (const char* text : {"max 100000\n", "", "1", "1 0", "0 1", "-1 100000", "1e300 1e-300"})
    EXPECT_FALSE(parse_cpu_max(text)) << text;
}

TEST(ProcText, WhatIsNoNumberIsNoProcess) {
  EXPECT_EQ(parse_pid("42"), 42U);
  for (const char* text : {"", "4x", "-1", "+1", " 1", "4294967296"}) EXPECT_FALSE(parse_pid(text)) << text;
  std::istringstream members("1\n22\n\n333\nx\n4\n");
  EXPECT_EQ(parse_pids(members), (std::vector<std::uint32_t>{1, 22, 333}));
}

TEST(ProcText, ThreadsStandBehindThoseThatRun) {
  EXPECT_EQ(parse_loadavg_threads("0.20 0.18 0.12 1/80 11206\n"), 80U);
  for (const char* text : {"", "0.20", "1/80", "1/x 2", "/ "}) EXPECT_FALSE(parse_loadavg_threads(text)) << text;
}

TEST(ProcText, LockdownIsWhatStandsInBrackets) {
  EXPECT_EQ(parse_lockdown("none [integrity] confidentiality\n"), "integrity");
  for (const char* text : {"", "none", "] [", "[none"}) EXPECT_FALSE(parse_lockdown(text)) << text;
}

} // namespace
} // namespace ctxray
