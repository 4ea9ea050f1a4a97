/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where records begin: at fork, at the exec of an armed command, and in the seeding pass over all tasks. */
#ifndef CTXRAY_LIFECYCLE_BPF_H
#define CTXRAY_LIFECYCLE_BPF_H

#include "record.bpf.h"
#include "thread.bpf.h"

static __always_inline void set_comm(struct process_rec *process, struct task_struct *leader)
{
	bpf_probe_read_kernel_str(process->comm, sizeof(process->comm), leader->comm);
}

/* The current task's command line, while its pages are surely there. */
static __always_inline void set_args(struct process_rec *process, struct task_struct *task)
{
	unsigned long start = BPF_CORE_READ(task, mm, arg_start), end = BPF_CORE_READ(task, mm, arg_end);
	u64 size = end - start;

	if (size > WIRE_ARGS)
		size = WIRE_ARGS;
	__builtin_memset(process->args, 0, sizeof(process->args));
	bpf_probe_read_user(process->args, size & (2 * WIRE_ARGS - 1), (void *)start);
}

/* A slot for a new process; without a free one it shares the overflow slot: exact in sum, not told apart. */
static __always_inline u32 take_slot(void)
{
	u32 slot = take_index(&free_slots, &slots_used, slots);

	if (slot == WIRE_OVERFLOW_SLOT)
		__sync_fetch_and_add(&group.slots_full, 1);
	return slot;
}

/* The verifier may know nothing of the address of its leader. */
static u32 new_process(struct task_struct *leader, u64 now)
{
	u32 slot = take_slot();
	struct process_rec *process = process_at(slot);

	__sync_fetch_and_add(&group.processes_seen, 1);
	if (!process || slot == WIRE_OVERFLOW_SLOT)
		return slot;
	process->pid = pid_at_level(leader, pid_level);
	process->ppid = pid_at_level(BPF_CORE_READ(leader, real_parent, group_leader), pid_level);
	process->cpus_allowed = READ_AT(leader, struct task_struct, nr_cpus_allowed);
	process->kernel_thread = !!(READ_AT(leader, struct task_struct, flags) & PF_KTHREAD);
	set_comm(process, leader);
	process->wall.since_ns = now;
	process->wall.start_ns = now;
	return slot;
}

static __always_inline void start_thread(struct thread_rec *thread, struct task_struct *task, u32 slot, u32 state,
					 u64 now)
{
	thread->tid = pid_at_level(task, pid_level);
	set_base(thread, task);
	begin_accounting(thread, slot, state, now);
}

/* `child` is not running yet. */
static __always_inline void fork_thread(struct task_struct *parent, struct task_struct *child)
{
	struct thread_rec *of_parent, *thread;
	u32 slot;
	u64 now;

	of_parent = thread_of(parent);
	if (!follow || !of_parent || of_parent->state < THREAD_ON_CPU)
		return;
	thread = create_record(child);
	if (!thread)
		return;
	now = bpf_ktime_get_ns();
	if (child->tgid == parent->tgid) {
		slot = of_parent->slot;
	} else {
		struct process_rec *process, *from;

		slot = new_process(child, now);
		process = process_at(slot);
		from = process_at(of_parent->slot);
		if (process && from && slot != WIRE_OVERFLOW_SLOT) {
			__builtin_memcpy(process->args, from->args, sizeof(process->args));
			process->runtime = from->runtime;
			process->gil_start = from->gil_start;
			process->gil_bytes = from->gil_bytes;
		}
	}
	/* It comes back from its parent's call, which was counted there. In slices of time that may not be seen. */
	thread->skip_call = !samples_calls;
	start_thread(thread, child, slot, THREAD_RUN_QUEUE, now);
}

/* Workers of io_uring are not forked: they show when they are woken for the first time. */
static __always_inline void adopt_worker(struct task_struct *task)
{
	struct thread_rec *leader, *thread;
	u64 group_leader = WORD_AT(&task->group_leader);

	if (!follow || !is_kernel_worker(task) || task->flags & PF_KTHREAD)
		return;
	leader = thread_at(group_leader, number_of(group_leader));
	if (!leader || leader->state < THREAD_ON_CPU)
		return;
	thread = create_record(task);
	if (thread && thread->state < THREAD_ON_CPU)
		start_thread(thread, task, leader->slot, THREAD_RUN_QUEUE, bpf_ktime_get_ns());
}

/* What it executes is not to be shown to the user: to him it ends here. */
static __always_inline void withhold_thread(struct task_struct *task, struct thread_rec *thread)
{
	u64 now = bpf_ktime_get_ns();
	struct departure departure = {.nvcsw = task->nvcsw,
				      .nivcsw = task->nivcsw,
				      .exec_ns = task->se.sum_exec_runtime,
				      .now = now,
				      .state = THREAD_DEAD,
				      .syscall = ~0U,
				      .object = WIRE_NO_OBJECT,
				      .counted = 1};

	__sync_fetch_and_add(&group.withheld, 1);
	if (READ_ONCE(thread->state) != THREAD_ON_CPU)
		infer_switch_in(thread, departure.exec_ns - thread->exec_ns, now);
	switch_walls(thread, NULL, THREAD_DEAD, now);
	account_out(thread, &departure);
	end_thread(task, thread, now);
}

static __always_inline void exec_thread(struct task_struct *task)
{
	struct thread_rec *thread = thread_of(task);
	struct process_rec *process;

	if (!thread)
		return;
	if (thread->state == THREAD_ARMED) /* it was not asleep yet when it was let go */
		begin_armed(thread, task, THREAD_ON_CPU, bpf_ktime_get_ns());
	if (only_own && thread->state >= THREAD_ON_CPU && !may_show(task)) {
		withhold_thread(task, thread);
		return;
	}
	thread->tid = pid_at_level(task, pid_level); /* a thread that execs takes its leader's number */
	process = process_at(thread->slot);
	if (process && thread->slot != WIRE_OVERFLOW_SLOT) {
		set_comm(process, task);
		set_args(process, task);
		process->runtime = RUNTIME_UNKNOWN;
		process->runtime_asks = 0;
		process->gil_bytes = 0;
	}
}

static __always_inline void rename_thread(struct task_struct *task, const char *comm)
{
	struct thread_rec *thread;
	struct process_rec *process;

	if (task->pid != task->tgid)
		return;
	thread = thread_of(task);
	if (!thread || thread->state < THREAD_ON_CPU || thread->slot == WIRE_OVERFLOW_SLOT)
		return;
	process = process_at(thread->slot);
	if (process)
		bpf_probe_read_kernel_str(process->comm, sizeof(process->comm), comm);
}

/* The kernel's view of a task that no probe has seen switch yet. */
static __always_inline u32 observed_state(struct thread_rec *thread, struct task_struct *task, struct wait *wait)
{
	u32 state = task_state(task);

	wait->syscall = ~0U;
	wait->object = WIRE_NO_OBJECT;
	if (READ_ONCE(task->on_cpu))
		return THREAD_ON_CPU;
	if (state == TASK_RUNNING || state & TASK_WAKING || (task->on_rq && !sleeps_on_run_queue(task)))
		return THREAD_RUN_QUEUE;
	find_wait(wait, thread, task, state);
	return blocked_for(wait->reason);
}

/* `parent`: the record of its parent's leader. */
static __always_inline bool is_target(struct task_struct *task, const struct thread_rec *parent)
{
	u32 tid, pid;

	/* A launched command is our own copy as yet. */
	if (seed_mode != SEED_ARM && !may_show(task))
		return false;
	if (everything)
		return true;
	tid = pid_at_level(task, pid_level);
	if (bpf_map_lookup_elem(&targets, &tid))
		return true;
	pid = pid_at_level(BPF_CORE_READ(task, group_leader), pid_level);
	if (pid == tid)
		goto children;
	if (bpf_map_lookup_elem(&targets, &pid))
		return true;
children:
	if (!follow || seed_mode == SEED_ARM)
		return false;
	return parent && parent->state >= THREAD_DEAD; /* its leader may be gone before it */
}

/* Between reading a task's state and publishing it, the task may have moved on: the next pass looks again. Only one
 * that fell asleep meanwhile needs it, as it shows nothing until it is woken; all others are inferred when they switch.
 */
int check_seed(struct thread_rec *thread, u32 seen, const struct wait *wait)
{
	struct process_rec *process;
	u32 old;
	u64 now;

	if (!thread || !wait)
		return 0;
	old = READ_ONCE(thread->state);
	if (!thread->seeded || old < THREAD_ON_CPU || old & THREAD_BLOCKED || !(seen & THREAD_BLOCKED))
		return 0;
	process = process_at(thread->slot);
	if (!process || __sync_val_compare_and_swap(&thread->state, old, seen) != old)
		return 0;
	now = bpf_ktime_get_ns();
	thread->waiting = 1;
	thread->reason = seen & (WIRE_REASONS - 1);
	thread->syscall = wait->syscall;
	thread->object = wait->object;
	move_state(process, old, seen, now);
	seeded++;
	return 0;
}

/* The slot that this task's process already has, or a new one. */
static __always_inline u32 slot_of_process(u64 group_leader, u64 now)
{
	struct thread_rec *leader = thread_at(group_leader, number_of(group_leader));
	u32 slot;

	if (leader && (leader->slot || leader->state >= THREAD_ON_CPU))
		return leader->slot;
	slot = new_process((struct task_struct *)group_leader, now);
	if (!leader)
		leader = create_record((struct task_struct *)group_leader);
	if (leader)
		leader->slot = slot; /* for its other threads, even where it is no target itself */
	return slot;
}

/* Through memory, since the verifier lets nobody calculate with what it knows to be a pointer. */
static __always_inline void find_registers(struct task_struct *task)
{
	WRITE_ONCE(registers, bpf_task_pt_regs(task));
	registers_at = READ_ONCE(registers) - WORD_AT(&task->stack);
}

static __always_inline void seed_thread(struct task_struct *task)
{
	u64 group_leader = WORD_AT(&task->group_leader), real_parent = WORD_AT(&task->real_parent);
	u64 parent_leader = WORD_AT(&((struct task_struct *)real_parent)->group_leader);
	struct thread_rec *parent = thread_at(parent_leader, number_of(parent_leader));
	struct thread_rec *thread = thread_of(task);
	bool known = thread && thread->state >= THREAD_ON_CPU;
	struct wait wait = {};
	u32 state, slot = 0;
	u64 now = 0;

	if (known ? !thread->seeded : !is_target(task, parent) || task_state(task) & TASK_DEAD)
		return;
	if (!thread)
		thread = create_record(task);
	if (!thread || thread->state == THREAD_ARMED || thread->state == THREAD_DEAD)
		return;
	if (!known) {
		seeded++;
		now = bpf_ktime_get_ns();
		slot = slot_of_process(group_leader, now);
		if (seed_mode == SEED_ARM) {
			thread->tid = pid_at_level(task, pid_level);
			thread->slot = slot;
			thread->state = THREAD_ARMED;
			return;
		}
		thread->seeded = 1;
	}
	state = observed_state(thread, task, &wait);
	if (known) {
		check_seed(thread, state, &wait);
		return;
	}
	thread->syscall = wait.syscall;
	thread->object = wait.object;
	start_thread(thread, task, slot, state, now);
}

#endif
