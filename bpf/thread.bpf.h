/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thread's life as the kernel tells it: switched out, woken, switched in, ended. */
#ifndef CTXRAY_THREAD_BPF_H
#define CTXRAY_THREAD_BPF_H

#include "account.bpf.h"
#include "reason.bpf.h"

/* The kernel's counters where accounting begins. */
static __always_inline void set_base(struct thread_rec *thread, struct task_struct *task)
{
	thread->nvcsw = task->nvcsw;
	thread->nivcsw = task->nivcsw;
	thread->exec_ns = task->se.sum_exec_runtime;
}

/* The launched command is let go: its clocks and the group's start now. */
static __always_inline void begin_armed(struct thread_rec *thread, struct task_struct *task, u32 state, u64 now)
{
	struct process_rec *process = process_at(thread->slot);

	if (!process)
		return;
	process->wall.start_ns = now;
	process->wall.since_ns = now;
	group.wall.start_ns = now;
	group.wall.since_ns = now;
	set_base(thread, task);
	begin_accounting(thread, thread->slot, state, now);
}

#define FOLD(field) __sync_fetch_and_add(&into->field, from->field)

static void fold_totals(struct thread_totals *into, const struct thread_totals *from)
{
	FOLD(lifetime_ns);
	FOLD(on_cpu_ns);
	FOLD(run_queue_ns);
	FOLD(wakeup_latency_ns);
	FOLD(voluntary);
	FOLD(involuntary);
	FOLD(switch_process);
	FOLD(switch_thread);
	FOLD(switch_resume);
	FOLD(missed_switches);
	FOLD(inferred);
	FOLD(event_timeouts);
	FOLD(event_timeout_ns);
	FOLD(hard_count);
	FOLD(hard_ns);
	FOLD(soft_count);
	FOLD(soft_ns);
	for (u32 i = 0; i < WAIT_COUNT; i++) {
		if (!from->waits[i].count)
			continue;
		FOLD(waits[i].count);
		FOLD(waits[i].total_ns);
		/* Two threads of a process that end at once on two CPUs may leave the smaller maximum. */
		if (from->waits[i].max_ns > into->waits[i].max_ns)
			into->waits[i].max_ns = from->waits[i].max_ns;
	}
}

/* The record as it stands, with what names the thread; `now` is the time up to which it holds. */
static __always_inline void fill_sample(struct thread_sample *sample, struct task_struct *task,
					const struct thread_rec *thread, u64 now)
{
	sample->now_ns = now;
	sample->cpus_allowed = task->nr_cpus_allowed;
	bpf_probe_read_kernel_str(sample->comm, sizeof(sample->comm), task->comm);
	sample->rec = *thread;
}

/* Wakes the reader seldom: when the ring is half full, and at the end. */
static void send_message(struct message *message, u32 kind, u64 size)
{
	u64 flags = BPF_RB_NO_WAKEUP;

	if (kind == MESSAGE_GROUP_ENDED || bpf_ringbuf_query(&messages, BPF_RB_AVAIL_DATA) > WIRE_RING_BYTES / 2)
		flags = BPF_RB_FORCE_WAKEUP;
	message->kind = kind;
	if (bpf_ringbuf_output(&messages, message, size, flags))
		__sync_fetch_and_add(&group.exits_lost, 1);
}

/* The last switch out of a thread: what it did must outlive it. Its message is sent before its process is
 * announced as ended, so who has read the announcement finds all messages in the ring. */
static void end_thread(struct task_struct *task, struct thread_rec *thread, u64 now)
{
	struct message *message = scratch_for(SCRATCH_MESSAGE);
	u32 slot = thread->slot;
	struct process_rec *process = process_at(slot);

	if (!process)
		return;
	thread->totals.lifetime_ns = now - thread->start_ns;
	__sync_fetch_and_add(&process->folds_begun, 1);
	fold_totals(&process->ended, &thread->totals);
	if (task->pid == task->tgid)
		process->cpus_allowed = task->nr_cpus_allowed;
	__sync_fetch_and_add(&process->folds_done, 1);
	if (message) {
		message->pid = process->pid;
		message->process_start_ns = process->wall.start_ns;
		fill_sample(&message->thread, task, thread, now);
		send_message(message, MESSAGE_THREAD_ENDED, sizeof(*message));
	}
	if (__sync_fetch_and_add(&process->live, -1) == 1 && slot != WIRE_OVERFLOW_SLOT) {
		process->end_ns = now;
		bpf_map_push_elem(&ended_slots, &slot, 0);
	}
	group.end_ns = now;
	if (__sync_fetch_and_add(&group.live, -1) == 1 && message)
		send_message(message, MESSAGE_GROUP_ENDED, offsetof(struct message, thread));
}

/* Time that `next` spent in the run queue, by the clock of that queue. */
static __always_inline u64 run_delay(struct task_struct *next)
{
	return next->se.exec_start - next->sched_info.last_queued;
}

static __always_inline u32 switch_kind(struct task_struct *task, struct task_struct *prev)
{
	u32 from_idle = prev->pid ? 0 : SWITCH_FROM_IDLE;
	struct mm_struct *mm = task->mm;

	if (mm && mm != prev->active_mm)
		return SWITCH_PROCESS | from_idle;
	return mm && mm == prev->mm ? SWITCH_THREAD : SWITCH_RESUME | from_idle;
}

/* The state that a thread leaves its CPU for. */
static __always_inline void depart(struct departure *out, struct thread_rec *thread, struct task_struct *task,
				   u32 state)
{
	out->nvcsw = task->nvcsw;
	out->nivcsw = task->nivcsw;
	out->exec_ns = task->se.sum_exec_runtime;
	out->state = THREAD_RUN_QUEUE;
	out->syscall = ~0U;
	out->uncounted = is_released(task);
	/* The kernel counts before it shows the switch: who was seeded in between has this one in its base already. */
	if (out->nvcsw == thread->nvcsw && (out->nivcsw != thread->nivcsw || !thread->seeded))
		return;
	if (state == TASK_RUNNING) /* a signal called the sleep off */
		return;
	if (state & TASK_DEAD) {
		out->state = THREAD_DEAD;
		out->uncounted = true;
		return;
	}
	out->state = THREAD_BLOCKED | wait_reason(task, state, &out->syscall);
}

/* `out` and `in` are null where the task is not accounted. */
static __always_inline void switch_threads(struct thread_rec *out, struct task_struct *prev, struct thread_rec *in,
					   struct task_struct *next)
{
	u64 now = bpf_ktime_get_ns(), last = 0;
	struct departure departure = {.now = now};
	u32 after = 0;

	/* Kernels can hide the events of some tasks, and of interrupts that hit them. */
	if (out && READ_ONCE(out->state) != THREAD_ON_CPU)
		infer_switch_in(out, prev->se.sum_exec_runtime - out->exec_ns, now);
	if (in && READ_ONCE(in->state) & THREAD_BLOCKED)
		infer_wakeup(in, run_delay(next), now);
	if (out) {
		last = out->last_ns;
		depart(&departure, out, prev, task_state(prev));
	}
	switch_walls(out, in, departure.state, now);
	if (out)
		after = account_out(out, &departure);
	if (in)
		account_in(in, switch_kind(next, prev), now);
	if (!out)
		return;
	/* Woken since it was last switched in, by a waker that may still have found it on its CPU. */
	if (after & THREAD_BLOCKED && READ_ONCE(out->wake_ns) > last && wakeup_in_progress(prev))
		make_runnable(out, now);
	if (after == THREAD_DEAD)
		end_thread(prev, out, now);
}

static __always_inline u32 waker_kind(void)
{
	struct cpu_state *cpu = this_cpu();

	if (!cpu)
		return WAKER_TASK;
	if (cpu->hard_ns)
		return cpu->timer ? WAKER_TIMER : WAKER_IRQ;
	if (cpu->soft_ns)
		return cpu->soft_vector == TIMER_SOFTIRQ || cpu->soft_vector == HRTIMER_SOFTIRQ ? WAKER_TIMER
												: WAKER_SOFTIRQ;
	return WAKER_TASK;
}

/* Runs in the waker's context under the sleeper's pi_lock, perhaps while the sleeper is still on its CPU. */
static __always_inline void wake(struct thread_rec *thread, struct task_struct *task)
{
	u32 state = READ_ONCE(thread->state);
	u64 now;

	if (state < THREAD_ON_CPU && state != THREAD_ARMED)
		return;
	now = bpf_ktime_get_ns();
	if (state == THREAD_ARMED) {
		begin_armed(thread, task, THREAD_RUN_QUEUE, now);
		return;
	}
	thread->waker = waker_kind();
	/* A full barrier between this and the look at the state, as in account_out the other way round:
	 * one of the two sees the other. */
	__sync_lock_test_and_set(&thread->wake_ns, now);
	make_runnable(thread, now);
}

#endif
