/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Empty programs on the tracepoints that ctxray uses: the floor of what any tool there costs. */
#include <linux/types.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define EMPTY(tracepoint) \
  SEC("?tp_btf/" #tracepoint) int on_##tracepoint(void* context) { return 0; }

EMPTY(sched_switch)
EMPTY(sched_waking)
EMPTY(sched_wakeup_new)
EMPTY(sched_process_fork)
EMPTY(sched_process_exec)
EMPTY(task_rename)
EMPTY(irq_handler_entry)
EMPTY(irq_handler_exit)
EMPTY(softirq_entry)
EMPTY(softirq_exit)
EMPTY(local_timer_entry)
EMPTY(local_timer_exit)
EMPTY(reschedule_entry)
EMPTY(reschedule_exit)
EMPTY(call_function_entry)
EMPTY(call_function_exit)
EMPTY(call_function_single_entry)
EMPTY(call_function_single_exit)
EMPTY(irq_work_entry)
EMPTY(irq_work_exit)
EMPTY(block_io_start)
EMPTY(block_rq_issue)
EMPTY(block_rq_complete)
EMPTY(sys_exit)
