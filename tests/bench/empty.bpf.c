/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Empty programs on the tracepoints that ctxray uses: the floor of what any tool there costs. And the least that
 * tells for how long each thread runs, is ready and waits. */
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

struct task_struct {
  int pid;
} __attribute__((preserve_access_index));

struct times {
  __u64 since_ns; /* it came onto its CPU, or left it */
  __u64 wake_ns;
  __u64 on_cpu_ns, ready_ns, wait_ns;
} __attribute__((aligned(64)));

#define THREADS 65536

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, THREADS);
  __type(key, __u32);
  __type(value, struct times);
} threads SEC(".maps");

static __always_inline struct times* times_of(const struct task_struct* task) {
  __u32 key = task->pid & (THREADS - 1);

  return key ? bpf_map_lookup_elem(&threads, &key) : NULL; /* 0: a CPU's own */
}

SEC("?tp_btf/sched_switch") int least_switch(__u64* context) {
  struct times* prev = times_of((struct task_struct*)context[1]);
  struct times* next = times_of((struct task_struct*)context[2]);
  __u64 now = bpf_ktime_get_ns(), ready;

  if (prev) {
    if (prev->since_ns) prev->on_cpu_ns += now - prev->since_ns;
    prev->since_ns = now;
  }
  if (next) {
    if (!next->since_ns) next->since_ns = now; /* seen for the first time */
    ready = next->wake_ns > next->since_ns ? next->wake_ns : next->since_ns;
    next->wait_ns += ready - next->since_ns;
    next->ready_ns += now - ready;
    next->since_ns = now;
  }
  return 0;
}

SEC("?tp_btf/sched_waking") int least_waking(__u64* context) {
  struct times* times = times_of((struct task_struct*)context[0]);

  if (times) times->wake_ns = bpf_ktime_get_ns();
  return 0;
}
