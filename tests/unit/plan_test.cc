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
                    "btf",
                    "function:bpf_task_storage_get",
                    "struct:bpf_iter__task",
                    "function:bpf_task_pt_regs",
                    "tracepoint:sched_switch",
                    "tracepoint:sched_waking",
                    "tracepoint:sched_process_fork",
                    "tracepoint:sched_process_exec",
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
  facts.features.erase("tracepoint:local_timer_entry");
  facts.features.erase("tracepoint:sys_exit");
  const Plan plan = make_plan(facts, {});
  EXPECT_FALSE(loads(plan, "on_local_timer_entry"));
  EXPECT_TRUE(loads(plan, "on_softirq_entry"));
  EXPECT_FALSE(plan.syscalls);
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

TEST(Plan, TheWholeMachineGetsRoomForTwiceItsProcesses) {
  KernelFacts facts = all_facts();
  facts.tasks = 5'000;
  EXPECT_EQ(make_plan(facts, {true, true, true}).slots, 10'000U);
  EXPECT_EQ(make_plan(facts, {}).slots, 2'048U);
}

} // namespace
} // namespace ctxray
