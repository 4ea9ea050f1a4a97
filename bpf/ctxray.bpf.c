/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs: one line from each kernel event to the function that accounts for it. */
#include "interrupt.bpf.h"
#include "lifecycle.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("?tp_btf/sched_switch")
int BPF_PROG(on_sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	u32 kind = space_kind(prev, next);
	struct thread_rec *out = thread_of(prev);
	struct thread_rec *in = thread_of(next);

	if (out && READ_ONCE(out->state) < THREAD_ON_CPU)
		out = NULL;
	if (in && READ_ONCE(in->state) <= THREAD_ON_CPU)
		in = NULL;
	/* Two tests, kept apart: clang would OR the pointers, which the verifier forbids. */
	if (!out) {
		barrier_var(in);
		if (!in)
			return 0;
	}
	switch_threads(out, prev, in, next, kind);
	return 0;
}

SEC("?tp_btf/sched_waking")
int BPF_PROG(on_sched_waking, struct task_struct *task)
{
	struct thread_rec *thread = thread_of(task);

	if (thread)
		wake(thread, task);
	return 0;
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	fork_thread(parent, child);
	return 0;
}

SEC("?tp_btf/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *task)
{
	adopt_worker(task);
	return 0;
}

SEC("?tp_btf/sched_process_free")
int BPF_PROG(on_free, struct task_struct *task)
{
	free_thread(task);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	exec_thread(task);
	return 0;
}

SEC("?tp_btf/task_rename")
int BPF_PROG(on_rename, struct task_struct *task, const char *comm)
{
	rename_thread(task, comm);
	return 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_rec *thread = current_thread();

	count_any_call();
	if (thread && thread->state >= THREAD_ON_CPU)
		count_call(thread, task, regs, ret);
	return 0;
}

SEC("?tp_btf/block_io_start")
int BPF_PROG(on_block_start, struct request *rq)
{
	begin_request(rq, 0);
	return 0;
}

SEC("?tp_btf/block_rq_issue")
int BPF_PROG(on_block_issue, struct request *rq)
{
	issue_request(rq);
	return 0;
}

SEC("?tp_btf/block_rq_complete")
int BPF_PROG(on_block_complete, struct request *rq, int error, unsigned int bytes)
{
	complete_request(rq, bytes);
	return 0;
}

SEC("?tp_btf/irq_handler_entry")
int BPF_PROG(on_irq_entry, int irq, struct irqaction *action)
{
	hard_entry(action->flags & __IRQF_TIMER);
	return 0;
}

SEC("?tp_btf/irq_handler_exit")
int BPF_PROG(on_irq_exit, int irq, struct irqaction *action)
{
	hard_exit(line_index(irq), (u64)action);
	return 0;
}

SEC("?tp_btf/softirq_entry")
int BPF_PROG(on_softirq_entry, unsigned int vector)
{
	soft_entry(vector);
	return 0;
}

SEC("?tp_btf/softirq_exit")
int BPF_PROG(on_softirq_exit, unsigned int vector)
{
	soft_exit(vector);
	return 0;
}

#define VECTOR(name, index, timer)                                                                                     \
	SEC("?tp_btf/" #name "_entry") int BPF_PROG(on_##name##_entry)                                                 \
	{                                                                                                              \
		hard_entry(timer);                                                                                     \
		return 0;                                                                                              \
	}                                                                                                              \
	SEC("?tp_btf/" #name "_exit") int BPF_PROG(on_##name##_exit)                                                   \
	{                                                                                                              \
		hard_exit(WIRE_IRQ_LINES + (index), 0);                                                                \
		return 0;                                                                                              \
	}

VECTOR(local_timer, VECTOR_LOCAL_TIMER, true)
VECTOR(reschedule, VECTOR_RESCHEDULE, false)
VECTOR(call_function, VECTOR_CALL_FUNCTION, false)
VECTOR(call_function_single, VECTOR_CALL_FUNCTION_SINGLE, false)
VECTOR(irq_work, VECTOR_IRQ_WORK, false)

/* The reader is current: the numbers it sees are those of its namespace. */
SEC("?iter/task")
int seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task)
		return 0;
	find_registers(task);
	may_find_softs = may_know_softs();
	pid_level = BPF_CORE_READ((struct task_struct *)bpf_get_current_task_btf(), thread_pid, level);
	seed_thread(task);
	return 0;
}

#define COPY_TRIES 16

/* Nothing has happened to it: a thread that was woken, or that ran, has a later time in its record. This looks at one
 * line of its cache: of ten thousand records, hardly any is at hand. */
static __always_inline bool is_quiet(const struct thread_rec *thread)
{
	return quiet_since && thread->tid && READ_ONCE(thread->state) & THREAD_BLOCKED &&
	       thread->last_ns < quiet_since && thread->wake_ns < quiet_since;
}

/* False: it was written to meanwhile. A function of its own, so that the loop around it is short: 6.1 refuses one that
 * clang lays out so that it falls from its end into its beginning (check_cfg, kernel/bpf/verifier.c). */
static __noinline bool copy_whole(struct thread_sample *sample, struct task_struct *task, struct thread_rec *thread)
{
	u32 seq = READ_ONCE(thread->seq);

	compiler_barrier();
	fill_sample(sample, task, thread, bpf_ktime_get_ns());
	compiler_barrier();
	return !(seq & 1) && seq == READ_ONCE(thread->seq);
}

SEC("?iter/task")
int snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct thread_rec *thread;
	struct message *room;
	struct thread_sample *sample;

	if (!task)
		return 0;
	thread = thread_of(task);
	if (!thread || thread->state < THREAD_ON_CPU)
		return 0;
	if (is_quiet(thread)) {
		struct quiet_thread quiet = {.tid = thread->tid, .slot = thread->slot};

		bpf_seq_write(ctx->meta->seq, &quiet, sizeof(quiet));
		return 0;
	}
	room = scratch_for(SCRATCH_SNAPSHOT);
	if (!room)
		return 0;
	sample = &room->thread;
	for (int i = 0; i < COPY_TRIES && !copy_whole(sample, task, thread); i++)
		;
	bpf_seq_write(ctx->meta->seq, sample, sizeof(*sample));
	return 0;
}
