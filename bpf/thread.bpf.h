/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thread's life: switched out, woken, switched in, ended. Every nanosecond goes to exactly one account. */
#ifndef CTXRAY_THREAD_BPF_H
#define CTXRAY_THREAD_BPF_H

#include "reason.bpf.h"
#include "wall.bpf.h"

/* How a thread came onto its CPU; with FROM_IDLE nobody else had it. */
enum switch_kind { SWITCH_RESUME, SWITCH_PROCESS, SWITCH_THREAD, SWITCH_FROM_IDLE = 4 };

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

/* Accounting of a thread begins, in this state; the rest of its record is filled. */
int begin_accounting(struct thread_rec *thread, u32 slot, u32 state, u64 now)
{
	struct process_rec *process = process_at(slot);

	if (!process || !thread)
		return 0;
	__sync_fetch_and_add(&process->live, 1);
	__sync_fetch_and_add(&process->threads_seen, 1);
	__sync_fetch_and_add(&group.live, 1);
	__sync_fetch_and_add(&group.threads_seen, 1);
	thread->slot = slot;
	thread->waiting = state & THREAD_BLOCKED ? 1 : 0;
	thread->reason = state & (WIRE_WAITS - 1);
	thread->start_ns = now;
	thread->last_ns = now;
	move_state(process, THREAD_NEW, state, now);
	__sync_lock_test_and_set(&thread->state, state);
	return 0;
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
	thread->nvcsw = task->nvcsw;
	thread->nivcsw = task->nivcsw;
	thread->exec_ns = task->se.sum_exec_runtime;
	begin_accounting(thread, thread->slot, state, now);
}

/* Adds [last_ns, now], a stretch off the CPU that began with a wait, to the wait and to the run queue.
 * The waker may have come before the thread left its CPU: then it waited for nothing. */
static __always_inline void end_wait(struct thread_rec *thread, struct process_rec *process, u64 now)
{
	u64 length = now - thread->last_ns, wake = READ_ONCE(thread->wake_ns);
	u64 blocked = wake <= thread->last_ns ? 0 : wake < now ? wake - thread->last_ns : length;
	u32 reason = thread->reason & (WIRE_WAITS - 1);
	struct wait_total *wait = &thread->totals.waits[reason];

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

/* A thread got a CPU; `kind` tells by what kind of switch. */
int account_in(struct thread_rec *thread, u32 kind, u64 now)
{
	struct process_rec *process;
	u64 run_queue_ns;

	if (!thread)
		return 0;
	process = process_at(thread->slot);
	if (!process)
		return 0;
	run_queue_ns = thread->totals.run_queue_ns;
	begin_update(thread);
	WRITE_ONCE(thread->state, THREAD_ON_CPU);
	if (thread->waiting)
		end_wait(thread, process, now);
	else
		thread->totals.run_queue_ns += now - thread->last_ns;
	if (kind & SWITCH_FROM_IDLE)
		thread->totals.wakeup_latency_ns += thread->totals.run_queue_ns - run_queue_ns;
	if (kind & SWITCH_PROCESS)
		thread->totals.switch_process++;
	else if (kind & SWITCH_THREAD)
		thread->totals.switch_thread++;
	else
		thread->totals.switch_resume++;
	thread->last_ns = now;
	end_update(thread);
	return 0;
}

/* What a thread leaves its CPU with. */
struct departure {
	u64 nvcsw; /* the kernel's counts */
	u64 nivcsw;
	u64 exec_ns;
	u64 now;
	u32 state; /* enum thread_state that it goes to */
	u32 syscall;
	u32 uncounted; /* this switch is in no figure of the kernel's */
	u32 pad;
};

/* Returns the state that the thread is in now. */
u32 account_out(struct thread_rec *thread, const struct departure *out)
{
	u64 voluntary, involuntary;

	if (!thread || !out)
		return THREAD_NEW;
	begin_update(thread);
	thread->totals.on_cpu_ns += out->now - thread->last_ns;
	voluntary = out->nvcsw - thread->nvcsw;
	involuntary = out->nivcsw - thread->nivcsw;
	if (voluntary + involuntary > 1)
		thread->totals.missed_switches += voluntary + involuntary - 1;
	if (out->uncounted)
		voluntary = involuntary = 0;
	thread->totals.voluntary += voluntary;
	thread->totals.involuntary += involuntary;
	thread->nvcsw = out->nvcsw;
	thread->nivcsw = out->nivcsw;
	thread->exec_ns = out->exec_ns;
	thread->seeded = 0;
	thread->syscall = out->syscall;
	thread->waiting = out->state & THREAD_BLOCKED ? 1 : 0;
	thread->reason = out->state & (WIRE_WAITS - 1);
	thread->last_ns = out->now;
	/* A full barrier before the look at wake_ns that follows: see wake(). */
	__sync_lock_test_and_set(&thread->state, out->state);
	end_update(thread);
	return out->state;
}

/* The wall clocks go first: a waker must not find a thread blocked that they do not show as blocked yet. */
int switch_walls(struct thread_rec *out, struct thread_rec *in, u32 out_state, u64 now)
{
	u32 out_move = out ? MOVE(out->state, out_state) : 0;
	u32 in_move = in ? MOVE(in->state, THREAD_ON_CPU) : 0;
	struct process_rec *process;

	wall_move(&group.wall, BOTH_MOVES(out_move, in_move), now);
	if (out && in && out->slot == in->slot) {
		process = process_at(out->slot);
		if (process)
			wall_move(&process->wall, BOTH_MOVES(out_move, in_move), now);
		return 0;
	}
	process = out ? process_at(out->slot) : NULL;
	if (process)
		wall_move(&process->wall, out_move, now);
	process = in ? process_at(in->slot) : NULL;
	if (process)
		wall_move(&process->wall, in_move, now);
	return 0;
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

/* A thread is about to run and no probe saw it woken `delay` ago. */
int infer_wakeup(struct thread_rec *thread, u64 delay, u64 now)
{
	if (!thread)
		return 0;
	if (delay > now - thread->last_ns)
		delay = 0;
	thread->waker = WAKER_UNKNOWN;
	thread->wake_ns = now - delay;
	thread->totals.inferred++;
	return make_runnable(thread, now - delay);
}

/* A thread leaves its CPU and no probe saw it come: it has run for `ran` since it left the last time. */
int infer_switch_in(struct thread_rec *thread, u64 ran, u64 now)
{
	if (!thread)
		return 0;
	if (ran > now - thread->last_ns)
		ran = now - thread->last_ns;
	if (READ_ONCE(thread->state) & THREAD_BLOCKED)
		infer_wakeup(thread, 0, now - ran);
	thread->totals.inferred++;
	switch_walls(NULL, thread, 0, now - ran);
	/* It was another process that had the CPU before, one whose events are not shown to us. */
	return account_in(thread, SWITCH_PROCESS, now - ran);
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
	/* A full barrier between this and the look at the state, as in switch_out the other way round:
	 * one of the two sees the other. */
	__sync_lock_test_and_set(&thread->wake_ns, now);
	make_runnable(thread, now);
}

#endif
