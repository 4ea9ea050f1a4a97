// SPDX-License-Identifier: GPL-2.0-or-later
// Figures of cost, written and read.
#include "userspace/costs.h"

#include <gtest/gtest.h>

namespace ctxray {
namespace {

const MachineCosts kCosts = {{"syscall", "a system call", 166, 0.02},
                             {"process_switch", "between processes", 1'900.5, 0.1},
                             {"thread_switch", "between threads", 1'500, 0.1}};

TEST(Costs, AreReadAsTheyWereWritten) {
  const std::optional<MachineCosts> read = parse_costs(cost_json(kCosts, "a"));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[1].what, "between processes");
  EXPECT_EQ(cost_of(*read, "process_switch"), 1'900.5);
  EXPECT_EQ(cost_of(*read, "nothing"), std::nullopt);
}

TEST(Costs, OfAnotherBootAreOthers) {
  EXPECT_TRUE(parse_costs(cost_json(kCosts, "a"), "a"));
  EXPECT_FALSE(parse_costs(cost_json(kCosts, "a"), "b"));
}

TEST(Costs, TheLowestOfTwoRuns) {
  const MachineCosts lowest =
      lowest_of(kCosts, {{"thread_switch", "between threads", 1'400, 0.2}, {"other", "", 1, 0}});
  ASSERT_EQ(lowest.size(), 3U);
  EXPECT_EQ(lowest[0].ns, 166);
  EXPECT_EQ(lowest[2].ns, 1'400);
  EXPECT_EQ(lowest[2].spread, 0.2);
}

TEST(Costs, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "{", "[]", "7", "{}", R"({"schema": "other/1", "costs": []})",
        R"({"schema": "ctxray.cost/1", "costs": [{"id": "syscall"}]})", R"({"schema": "ctxray.cost/1", "costs": [7]})"})
    EXPECT_FALSE(parse_costs(text)) << text;
}

TEST(Costs, ThatCannotBeAreRefused) {
  for (const char* ns : {"-1", "1e300", "null", "\"166\""})
    EXPECT_FALSE(
        parse_costs(std::string(R"({"schema": "ctxray.cost/1", "costs": [{"id": "syscall", "what": "", "ns": )") + ns +
                    R"(, "spread": 0}]})"))
        << ns;
}

TEST(Costs, HostileWordsInTheFileAreShownHarmless) {
  const MachineCosts costs = {{"syscall", "\033[31m\n\u202e", 166, 0}};
  EXPECT_NE(cost_table(costs).find("?[31m??"), std::string::npos);
  EXPECT_EQ(cost_json(costs, "").find("\u202e"), std::string::npos);
  EXPECT_EQ(parse_costs(cost_json(costs, ""))->front().what, costs[0].what);
}

TEST(Costs, EstimateWhatSwitchesTook) {
  Totals totals;
  totals.switch_process = 1'000;
  totals.switch_thread = 100;
  totals.switch_resume = 1'000'000; // its address space was still there
  EXPECT_NEAR(*switching_ns(kCosts, totals), 2'050'500, 1);
  EXPECT_FALSE(switching_ns({}, totals));
}

TEST(Costs, TheTableHasARowForEach) {
  const std::string table = cost_table(kCosts);
  EXPECT_NE(table.find("between processes"), std::string::npos);
  EXPECT_NE(table.find("1.90 us"), std::string::npos) << table;
  EXPECT_NE(table.find("10.0%"), std::string::npos);
}

TEST(Costs, AreKeptInTheCache) {
  EXPECT_EQ(default_cost_path("/x", "/home/me"), "/x/ctxray/cost.json");
  EXPECT_EQ(default_cost_path(nullptr, "/home/me"), "/home/me/.cache/ctxray/cost.json");
  EXPECT_EQ(default_cost_path("relative", nullptr), "");
}

} // namespace
} // namespace ctxray
