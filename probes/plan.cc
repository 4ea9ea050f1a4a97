// SPDX-License-Identifier: GPL-2.0-or-later
// The table of what is needed for what, and the choice that follows from it.
#include "probes/plan.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "bpf/wire.h"
#include "userspace/error.h"

namespace ctxray {

namespace {

enum class Group { kCore, kInterrupts, kSyscalls, kBlock };

struct Need {
  const char* feature;
  const char* name;
  Group group;
  bool required;
  std::vector<const char*> programs;
  const char* lost_without;
  const char* remedy;
};

constexpr const char* kBtfRemedy =
    "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y (Debian and Ubuntu: the stock "
    "linux-image package), or give --btf FILE";
constexpr const char* kNewerKernel = "needs Linux 5.15 or later";
constexpr const char* kPrivilege = "sudo ctxray …, or once: sudo setcap cap_bpf,cap_perfmon+ep ctxray";

const std::vector<Need>& needs() {
  static const std::vector<Need> kNeeds = {
      {"capability:CAP_BPF", "CAP_BPF", Group::kCore, true, {}, "nothing can be loaded", kPrivilege},
      {"capability:CAP_PERFMON", "CAP_PERFMON", Group::kCore, true, {}, "kernel memory cannot be read", kPrivilege},
      {"kernel-memory",
       "lockdown allows BPF reads",
       Group::kCore,
       true,
       {},
       "kernel memory cannot be read",
       "boot without lockdown=confidentiality"},
      {"btf",
       "kernel type information (BTF)",
       Group::kCore,
       true,
       {},
       "no program can be fitted to this kernel",
       kBtfRemedy},
      {"struct:bpf_iter__task",
       "task iterator",
       Group::kCore,
       true,
       {"seed", "snapshot"},
       "running programs cannot be seen",
       kNewerKernel},
      {"function:bpf_task_pt_regs",
       "bpf_task_pt_regs",
       Group::kCore,
       true,
       {},
       "reasons of waits stay unknown",
       kNewerKernel},
      {"tracepoint:sched_switch",
       "sched_switch",
       Group::kCore,
       true,
       {"on_sched_switch"},
       "no switch is seen",
       kBtfRemedy},
      {"tracepoint:sched_waking",
       "sched_waking",
       Group::kCore,
       true,
       {"on_sched_waking"},
       "waits cannot be told from the run queue",
       kBtfRemedy},
      {"tracepoint:sched_process_fork",
       "sched_process_fork",
       Group::kCore,
       true,
       {"on_fork"},
       "new threads and processes are not followed",
       kBtfRemedy},
      {"tracepoint:sched_process_free",
       "sched_process_free",
       Group::kCore,
       true,
       {"on_free"},
       "what ended threads used cannot be used again",
       kBtfRemedy},
      {"tracepoint:sched_process_exec",
       "sched_process_exec",
       Group::kCore,
       true,
       {"on_exec"},
       "programs cannot be launched",
       kBtfRemedy},
      {"tracepoint:task_rename",
       "task_rename",
       Group::kCore,
       false,
       {"on_rename"},
       "names can be out of date",
       kBtfRemedy},
      {"tracepoint:irq_handler_entry",
       "irq_handler_entry/exit",
       Group::kInterrupts,
       false,
       {"on_irq_entry", "on_irq_exit"},
       "interrupts are not counted, and who ends waits is not told",
       kBtfRemedy},
      {"tracepoint:softirq_entry",
       "softirq_entry/exit",
       Group::kInterrupts,
       false,
       {"on_softirq_entry", "on_softirq_exit"},
       "interrupts are not counted, and who ends waits is not told",
       kBtfRemedy},
      {"tracepoint:local_timer_entry",
       "local_timer_entry/exit",
       Group::kInterrupts,
       false,
       {"on_local_timer_entry", "on_local_timer_exit"},
       "x86: interrupts are not counted, and who ends waits is not told",
       kBtfRemedy},
      {"tracepoint:reschedule_entry",
       "reschedule_entry/exit",
       Group::kInterrupts,
       false,
       {"on_reschedule_entry", "on_reschedule_exit"},
       "reschedule interrupts are not counted",
       "x86 only"},
      {"tracepoint:call_function_entry",
       "call_function_entry/exit",
       Group::kInterrupts,
       false,
       {"on_call_function_entry", "on_call_function_exit", "on_call_function_single_entry",
        "on_call_function_single_exit"},
       "function call interrupts are not counted",
       "x86 only"},
      {"tracepoint:irq_work_entry",
       "irq_work_entry/exit",
       Group::kInterrupts,
       false,
       {"on_irq_work_entry", "on_irq_work_exit"},
       "IRQ work interrupts are not counted",
       "x86 only"},
      {"tracepoint:sched_wakeup_new",
       "sched_wakeup_new",
       Group::kCore,
       false,
       {"on_wakeup_new"},
       "workers of io_uring are not followed",
       kBtfRemedy},
      {"tracepoint:block_rq_issue",
       "block_rq_issue/complete",
       Group::kBlock,
       false,
       {"on_block_issue", "on_block_complete"},
       "the path of block requests is not shown",
       kBtfRemedy},
      {"tracepoint:block_io_start",
       "block_io_start",
       Group::kBlock,
       false,
       {"on_block_start"},
       "time in the queue of a block device is not shown",
       "needs Linux 6.5 or later"},
      {"tracepoint:sys_exit",
       "sys_exit",
       Group::kSyscalls,
       false,
       {"on_sys_exit"},
       "system calls are not counted",
       "boot a kernel built with CONFIG_FTRACE_SYSCALLS=y"},
  };
  return kNeeds;
}

// All of them, or those who were woken by what is not seen would seem to have been woken by whom it hit.
bool sees_interrupts(const KernelFacts& facts) {
  return facts.has("tracepoint:irq_handler_entry") && facts.has("tracepoint:softirq_entry") &&
         (facts.has("tracepoint:local_timer_entry") || !facts.has("timer-vector"));
}

} // namespace

std::vector<Requirement> check_requirements(const KernelFacts& facts) {
  std::vector<Requirement> requirements;
  for (const Need& need : needs())
    requirements.push_back({need.name, need.required, facts.has(need.feature), need.lost_without, need.remedy});
  return requirements;
}

std::uint32_t records_for(const ThreadLimits& limits) {
  constexpr std::uint32_t kThreads = 24'576;
  return std::min({std::max(kThreads, 2 * limits.threads), limits.most, limits.numbers}) + 1;
}

std::vector<std::string> programs_of(Shed shed) {
  if (shed == Shed::kPlaces) return {};
  const Group group = shed == Shed::kSyscalls ? Group::kSyscalls
                      : shed == Shed::kBlock  ? Group::kBlock
                                              : Group::kInterrupts;
  std::vector<std::string> programs;
  for (const Need& need : needs())
    if (need.group == group) programs.insert(programs.end(), need.programs.begin(), need.programs.end());
  return programs;
}

Plan make_plan(const KernelFacts& facts, const PlanOptions& options) {
  Plan plan;
  plan.everything = options.everything;
  plan.follow = options.follow;
  plan.cpus = options.cpus;
  plan.budget = options.budget;
  plan.viewer = options.viewer;
  plan.casts = facts.has("function:bpf_rdonly_cast");
  plan.interrupts = sees_interrupts(facts);
  plan.block = facts.has("tracepoint:block_rq_issue");
  for (const Need& need : needs()) {
    if (need.group == Group::kSyscalls && !options.syscalls) continue;
    if (need.group == Group::kInterrupts && !plan.interrupts) continue;
    if (need.group == Group::kBlock && !plan.block) continue;
    if (!facts.has(need.feature)) {
      if (need.required)
        throw Error(std::string("cannot start: ") + need.name + " is missing, so " + need.lost_without, 0,
                    std::string(need.remedy) + "; `ctxray doctor` shows all");
      continue;
    }
    std::copy(need.programs.begin(), need.programs.end(), std::back_inserter(plan.programs));
    plan.syscalls |= need.group == Group::kSyscalls;
    plan.block_start |= std::string_view(need.name) == "block_io_start";
  }
  plan.call_slices = plan.syscalls && options.call_slices;
  plan.numbers = facts.limits.numbers;
  constexpr std::uint32_t kLeastSlots = 2048;
  plan.slots = options.everything ? std::max(kLeastSlots, 2 * facts.tasks) : kLeastSlots;
  plan.sites = WIRE_SITES;
  plan.requests = WIRE_REQUESTS;
  plan.ring_bytes = WIRE_RING_BYTES;
  return plan;
}

} // namespace ctxray
