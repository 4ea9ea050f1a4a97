// SPDX-License-Identifier: GPL-2.0-or-later
// What goes when ctxray costs too much, and that it is absent then.
#include "userspace/budget.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/samples.h"
#include "userspace/report.h"

namespace ctxray {
namespace {

const std::vector<Shed> kAll = {Shed::kSyscalls, Shed::kBlock, Shed::kInterrupts, Shed::kPlaces};

TEST(Budget, ABurstTakesNothingAway) {
  Budgeting budgeting(0.01);
  EXPECT_FALSE(budgeting.take(0.02));
  EXPECT_FALSE(budgeting.take(0.01));
  EXPECT_FALSE(budgeting.take(0.02));
  EXPECT_TRUE(budgeting.budget().shed.empty());
}

TEST(Budget, OneAfterAnotherGoesInOrder) {
  Budgeting budgeting(0.01);
  for (const Shed shed : kAll) {
    EXPECT_FALSE(budgeting.take(0.02));
    EXPECT_EQ(budgeting.take(0.02), shed);
  }
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(budgeting.take(0.02));
  EXPECT_EQ(budgeting.budget().shed, kAll);
}

TEST(Budget, WhatIsLeftOutIsAbsentAndTheRestStays) {
  Sample sample = reading_sample();
  const Totals before = sample.totals;
  leave_out(sample, kAll);
  EXPECT_FALSE(sample.syscalls || sample.block || sample.hard || sample.soft);
  EXPECT_EQ(sample.totals.calls.all, 0U);
  for (const ProcessSample& process : sample.processes) EXPECT_TRUE(process.sites.empty());
  EXPECT_EQ(sample.totals.voluntary, before.voluntary);
  EXPECT_EQ(sample.totals.blocked_ns(), before.blocked_ns());
}

TEST(Budget, ReportsSayWhatIsLeftOut) {
  Report report;
  Sample sample = reading_sample();
  sample.overhead.budget = Budget{0.005, {Shed::kSyscalls, Shed::kBlock}};
  leave_out(sample, sample.overhead.budget->shed);
  report.model = make_model(sample);
  EXPECT_EQ(budget_sentence(*sample.overhead.budget),
            "budget: 0.5% of all CPUs; left out for it: system calls, block requests");
  EXPECT_NE(text_report(report, {}).find("budget: 0.5% of all CPUs"), std::string::npos);
  const auto json = nlohmann::json::parse(json_report(report));
  EXPECT_EQ(json["overhead"]["budget"]["left_out"], (std::vector<std::string>{"system calls", "block requests"}));
  EXPECT_FALSE(json.contains("syscalls"));
  EXPECT_FALSE(json.contains("block_io"));
}

} // namespace
} // namespace ctxray
