// SPDX-License-Identifier: GPL-2.0-or-later
// From facts and options to programs.
#include "probes/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "userspace/error.h"

namespace ctxray {
namespace {

KernelFacts all_facts() {
  KernelFacts facts;
  facts.features = {"capability:CAP_BPF",
                    "capability:CAP_PERFMON",
                    "kernel-memory",
                    "timer-vector",
                    "btf",
                    "struct:bpf_iter__task",
                    "function:bpf_task_pt_regs",
                    "tracepoint:sched_switch",
                    "tracepoint:sched_waking",
                    "tracepoint:sched_process_fork",
                    "tracepoint:sched_process_exec",
                    "tracepoint:sched_process_free",
                    "tracepoint:task_rename",
                    "tracepoint:irq_handler_entry",
                    "tracepoint:softirq_entry",
                    "tracepoint:local_timer_entry",
                    "tracepoint:reschedule_entry",
                    "tracepoint:call_function_entry",
                    "tracepoint:irq_work_entry",
                    "tracepoint:sched_wakeup_new",
                    "tracepoint:block_rq_issue",
                    "tracepoint:block_io_start",
                    "tracepoint:sys_exit"};
  facts.tasks = 100;
  return facts;
}

bool loads(const Plan& plan, const std::string& program) {
  return std::find(plan.programs.begin(), plan.programs.end(), program) != plan.programs.end();
}

TEST(Plan, TakesAllThatIsThere) {
  const Plan plan = make_plan(all_facts(), {});
  EXPECT_TRUE(loads(plan, "on_sched_switch"));
  EXPECT_TRUE(loads(plan, "on_sys_exit"));
  EXPECT_TRUE(plan.interrupts);
  EXPECT_TRUE(plan.syscalls);
  for (const Requirement& requirement : check_requirements(all_facts())) EXPECT_TRUE(requirement.found);
}

TEST(Plan, LeavesOutWhatWasNotAsked) {
  const Plan plan = make_plan(all_facts(), {false, true, false});
  EXPECT_FALSE(loads(plan, "on_sys_exit"));
  EXPECT_FALSE(plan.syscalls);
}

TEST(Plan, DoesWithoutWhatIsUseful) {
  KernelFacts facts = all_facts();
  facts.features.erase("tracepoint:task_rename");
  facts.features.erase("tracepoint:sys_exit");
  const Plan plan = make_plan(facts, {});
  EXPECT_FALSE(loads(plan, "on_rename"));
  EXPECT_TRUE(loads(plan, "on_sched_switch"));
  EXPECT_TRUE(loads(plan, "on_softirq_entry"));
  EXPECT_FALSE(plan.syscalls);
}

// Who ends a wait would be told wrong where some of them are not seen.
TEST(Plan, TakesInterruptsOnlyWhereItSeesThemAll) {
  for (const char* one : {"irq_handler", "softirq", "local_timer"}) {
    KernelFacts facts = all_facts();
    facts.features.erase(std::string("tracepoint:") + one + "_entry");
    const Plan plan = make_plan(facts, {});
    EXPECT_FALSE(plan.interrupts) << one;
    for (const std::string& program : programs_of(Shed::kInterrupts)) EXPECT_FALSE(loads(plan, program)) << program;
  }
  KernelFacts facts = all_facts(); // a kernel for one CPU
  facts.features.erase("tracepoint:reschedule_entry");
  EXPECT_TRUE(make_plan(facts, {}).interrupts);
  for (const char* one : {"local_timer", "reschedule", "call_function", "irq_work"})
    facts.features.erase(std::string("tracepoint:") + one + "_entry");
  EXPECT_FALSE(make_plan(facts, {}).interrupts);
  facts.features.erase("timer-vector"); // as on arm64, where all interrupts have lines
  EXPECT_TRUE(make_plan(facts, {}).interrupts);
  EXPECT_FALSE(loads(make_plan(facts, {}), "on_local_timer_entry"));
}

TEST(Plan, FollowsBlockRequestsFromWhereTheyAreShown) {
  KernelFacts facts = all_facts();
  facts.features.erase("tracepoint:block_io_start");
  EXPECT_TRUE(make_plan(facts, {}).block);
  EXPECT_FALSE(make_plan(facts, {}).block_start);
  facts = all_facts();
  facts.features.erase("tracepoint:block_rq_issue");
  EXPECT_FALSE(make_plan(facts, {}).block);
  EXPECT_FALSE(loads(make_plan(facts, {}), "on_block_start"));
}

// Each thing that a kernel or a user can lack leads to a plan, or to an error that names it and the next step.
TEST(Plan, EachLackIsDoneWithoutOrNamed) {
  for (const std::string& feature : all_facts().features) {
    KernelFacts facts = all_facts();
    facts.features.erase(feature);
    const std::vector<Requirement> requirements = check_requirements(facts);
    const auto lacking = std::find_if(requirements.begin(), requirements.end(), [](const auto& r) { return !r.found; });
    if (feature == "timer-vector") continue; // no thing that one could want
    ASSERT_NE(lacking, requirements.end()) << feature;
    EXPECT_FALSE(lacking->lost_without.empty() || lacking->remedy.empty()) << feature;
    try {
      make_plan(facts, {});
      EXPECT_FALSE(lacking->required) << feature;
    } catch (const Error& error) {
      EXPECT_TRUE(lacking->required) << feature;
      EXPECT_NE(std::string(error.what()).find(lacking->name), std::string::npos) << error.what();
      EXPECT_NE(error.hint().find(lacking->remedy), std::string::npos) << error.hint();
    }
  }
}

TEST(Plan, NamesWhatItCannotDoWithout) {
  KernelFacts facts = all_facts();
  facts.features.erase("capability:CAP_PERFMON");
  try {
    make_plan(facts, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("CAP_PERFMON"), std::string::npos);
    EXPECT_NE(error.hint().find("sudo"), std::string::npos);
    EXPECT_NE(error.hint().find("setcap"), std::string::npos);
  }
}

TEST(Plan, ThereAreRecordsForAllThreadsOrForTwiceThoseThatThereAre) {
  EXPECT_EQ(records_for({100, 190'000, 4'194'304}), 24'577U);
  EXPECT_EQ(records_for({30'000, 190'000, 4'194'304}), 60'001U);
  EXPECT_EQ(records_for({100, 4'000, 4'194'304}), 4'001U);
  EXPECT_EQ(records_for({30'000, 190'000, 32'768}), 32'769U);
}

TEST(Plan, TheWholeMachineGetsRoomForTwiceItsProcesses) {
  KernelFacts facts = all_facts();
  facts.tasks = 5'000;
  EXPECT_EQ(make_plan(facts, {true, true, true}).slots, 10'000U);
  EXPECT_EQ(make_plan(facts, {}).slots, 2'048U);
}

} // namespace
} // namespace ctxray
