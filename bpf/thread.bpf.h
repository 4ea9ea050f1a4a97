/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thread's life: switched out, woken, switched in, ended. Every nanosecond goes to exactly one account. */
#ifndef CTXRAY_THREAD_BPF_H
#define CTXRAY_THREAD_BPF_H

#include "reason.bpf.h"
#include "wall.bpf.h"

enum switch_kind { SWITCH_RESUME, SWITCH_PROCESS, SWITCH_THREAD };

static __always_inline void begin_update(struct thread_rec *thread)
{
	seq_step(&thread->seq);
	compiler_barrier();
}

static __always_inline void end_update(struct thread_rec *thread)
{
	compiler_barrier();
	seq_step(&thread->seq);
}

static __always_inline u32 log2_bucket(u64 ns)
{
	u32 bucket = 0;

	if (ns >> 32) {
		bucket += 32;
		ns >>= 32;
	}
	if (ns >> 16) {
		bucket += 16;
		ns >>= 16;
	}
	if (ns >> 8) {
		bucket += 8;
		ns >>= 8;
	}
	if (ns >> 4) {
		bucket += 4;
		ns >>= 4;
	}
	if (ns >> 2) {
		bucket += 2;
		ns >>= 2;
	}
	bucket += ns >> 1;
	return bucket < WIRE_HIST ? bucket : WIRE_HIST - 1;
}

/* Moves a blocked thread to the run queue, once: its waker and the CPU it is leaving may both try. */
int make_runnable(struct thread_rec *thread, u64 now)
{
	struct process_rec *process;
	u32 state;

	if (!thread)
		return 0;
	state = READ_ONCE(thread->state);
	if (!(state & THREAD_BLOCKED))
		return 0;
	process = process_at(thread->slot);
	if (process && __sync_val_compare_and_swap(&thread->state, state, THREAD_RUN_QUEUE) == state)
		move_state(process, state, THREAD_RUN_QUEUE, now);
	return 0;
}

/* Adds [last_ns, now], a stretch off the CPU that began with a wait, to the wait and to the run queue.
 * The waker may have come before the thread left its CPU: then it waited for nothing. */
static __always_inline void end_wait(struct thread_rec *thread, struct process_rec *process, bool woken, u64 now)
{
	u64 length = now - thread->last_ns, blocked = length;
	u32 reason = thread->reason & (WIRE_WAITS - 1);
	struct wait_total *wait = &thread->totals.waits[reason];

	if (woken) {
		u64 wake = READ_ONCE(thread->wake_ns);

		blocked = wake <= thread->last_ns ? 0 : wake < now ? wake - thread->last_ns : length;
	} else {
		thread->totals.missed_wakeups++;
	}
	thread->totals.run_queue_ns += length - blocked;
	wait->count++;
	wait->total_ns += blocked;
	if (blocked > wait->max_ns)
		wait->max_ns = blocked;
	if (reason == WAIT_EVENT && thread->waker == WAKER_TIMER) {
		thread->totals.event_timeouts++;
		thread->totals.event_timeout_ns += blocked;
	}
	__sync_fetch_and_add(&process->hist[reason][log2_bucket(blocked)], 1);
	thread->waiting = 0;
}

static __always_inline void settle_off_cpu(struct thread_rec *thread, struct process_rec *process, u32 state, u64 now)
{
	if (thread->waiting)
		end_wait(thread, process, !(state & THREAD_BLOCKED), now);
	else
		thread->totals.run_queue_ns += now - thread->last_ns;
}

/* A thread got a CPU; `kind` tells by what kind of switch. */
int account_in(struct thread_rec *thread, u32 kind, u64 now)
{
	struct process_rec *process;
	u32 state;

	if (!thread)
		return 0;
	state = READ_ONCE(thread->state);
	if (state <= THREAD_ON_CPU)
		return 0;
	process = process_at(thread->slot);
	if (!process)
		return 0;
	begin_update(thread);
	state = __sync_lock_test_and_set(&thread->state, THREAD_ON_CPU);
	settle_off_cpu(thread, process, state, now);
	if (kind == SWITCH_PROCESS)
		thread->totals.switch_process++;
	else if (kind == SWITCH_THREAD)
		thread->totals.switch_thread++;
	else
		thread->totals.switch_resume++;
	thread->last_ns = now;
	end_update(thread);
	move_state(process, state, THREAD_ON_CPU, now);
	return 0;
}

/* What a thread leaves its CPU with. */
struct departure {
	u64 nvcsw; /* the kernel's counts */
	u64 nivcsw;
	u64 now;
	u32 state; /* enum thread_state that it goes to */
	u32 syscall;
};

/* Returns the state that the thread is in now. */
u32 account_out(struct thread_rec *thread, const struct departure *out)
{
	struct process_rec *process;
	u64 missed;
	u32 old;

	if (!thread || !out)
		return THREAD_NEW;
	process = process_at(thread->slot);
	if (!process)
		return THREAD_NEW;
	old = READ_ONCE(thread->state);
	begin_update(thread);
	if (old == THREAD_ON_CPU)
		thread->totals.on_cpu_ns += out->now - thread->last_ns;
	else
		settle_off_cpu(thread, process, old, out->now);
	thread->totals.voluntary += out->nvcsw - thread->nvcsw;
	thread->totals.involuntary += out->nivcsw - thread->nivcsw;
	missed = out->nvcsw - thread->nvcsw + out->nivcsw - thread->nivcsw - 1;
	if (missed)
		thread->totals.missed_switches += missed;
	thread->nvcsw = out->nvcsw;
	thread->nivcsw = out->nivcsw;
	thread->seeded = 0;
	thread->syscall = out->syscall;
	thread->waiting = out->state & THREAD_BLOCKED ? 1 : 0;
	thread->reason = out->state & (WIRE_WAITS - 1);
	thread->last_ns = out->now;
	old = __sync_lock_test_and_set(&thread->state, out->state);
	end_update(thread);
	move_state(process, old, out->state, out->now);
	return out->state;
}

#define FOLD(field) __sync_fetch_and_add(&into->field, from->field)

static void fold_totals(struct thread_totals *into, const struct thread_totals *from)
{
	FOLD(lifetime_ns);
	FOLD(on_cpu_ns);
	FOLD(run_queue_ns);
	FOLD(voluntary);
	FOLD(involuntary);
	FOLD(switch_process);
	FOLD(switch_thread);
	FOLD(switch_resume);
	FOLD(missed_switches);
	FOLD(missed_wakeups);
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
	sample->torn = 0;
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

static __always_inline void switch_in(struct thread_rec *thread, struct task_struct *task, struct task_struct *prev,
				      u64 now)
{
	struct mm_struct *mm = task->mm;
	u32 kind = SWITCH_RESUME;

	if (mm && mm != prev->active_mm)
		kind = SWITCH_PROCESS;
	else if (mm && mm == prev->mm)
		kind = SWITCH_THREAD;
	account_in(thread, kind, now);
}

static __always_inline void switch_out(struct thread_rec *thread, struct task_struct *task, u64 now)
{
	struct departure out = {task->nvcsw, task->nivcsw, now, THREAD_RUN_QUEUE, ~0U};
	u64 last = thread->last_ns;
	u32 state, new;

	if (READ_ONCE(thread->state) < THREAD_ON_CPU)
		return;
	state = task_state(task);
	if (out.nvcsw != thread->nvcsw && state != TASK_RUNNING) { /* running: a signal called the sleep off */
		if (state & TASK_DEAD)
			out.state = THREAD_DEAD;
		else
			out.state = THREAD_BLOCKED | wait_reason(task, state, &out.syscall);
	}
	new = account_out(thread, &out);
	/* Woken since it was last switched in, by a waker that may still have found it on its CPU. */
	if (new & THREAD_BLOCKED && READ_ONCE(thread->wake_ns) > last && wakeup_in_progress(task, state))
		make_runnable(thread, now);
	if (new == THREAD_DEAD)
		end_thread(task, thread, now);
}

static __always_inline u32 waker_kind(void)
{
	struct cpu_state *cpu = this_cpu();

	if (!cpu)
		return WAKER_TASK;
	if (cpu->hard_ns)
		return cpu->timer ? WAKER_TIMER : WAKER_IRQ;
	if (cpu->soft_ns)
		return cpu->soft_vector == TIMER_SOFTIRQ || cpu->soft_vector == HRTIMER_SOFTIRQ ? WAKER_TIMER :
												  WAKER_SOFTIRQ;
	return WAKER_TASK;
}

/* Runs in the waker's context under the sleeper's pi_lock, perhaps while the sleeper is still on its CPU. */
static __always_inline void wake(struct thread_rec *thread)
{
	u64 now;

	if (READ_ONCE(thread->state) < THREAD_ON_CPU)
		return;
	now = bpf_ktime_get_ns();
	thread->waker = waker_kind();
	/* A full barrier between this and the look at the state, as in switch_out the other way round:
	 * one of the two sees the other. */
	__sync_lock_test_and_set(&thread->wake_ns, now);
	make_runnable(thread, now);
}

#endif
