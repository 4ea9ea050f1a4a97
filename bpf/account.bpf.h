/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The accounts of a thread's record: every nanosecond goes to exactly one. Knows nothing of kernel types. */
#ifndef CTXRAY_ACCOUNT_BPF_H
#define CTXRAY_ACCOUNT_BPF_H

#include "wall.bpf.h"

/* How a thread came onto its CPU; with NO_RIVAL nobody kept it from it but the way to get there: the CPU was idle, or
 * its waker had it, which then went to sleep. */
enum switch_kind { SWITCH_RESUME, SWITCH_PROCESS, SWITCH_THREAD, SWITCH_NO_RIVAL = 4 };

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

#define FOUR(n) n, n, n, n
#define SIXTEEN(n) FOUR(n), FOUR(n), FOUR(n), FOUR(n)
#define SIXTY_FOUR(n) SIXTEEN(n), SIXTEEN(n), SIXTEEN(n), SIXTEEN(n)

const __u8 log2_of[256] = {
	0,
	0,
	1,
	1,
	FOUR(2),
	FOUR(3),
	FOUR(3),
	SIXTEEN(4),
	SIXTEEN(5),
	SIXTEEN(5),
	SIXTY_FOUR(6),
	SIXTY_FOUR(7),
	SIXTY_FOUR(7),
};

/* The logarithm, by halving the bits that are left; of the last eight from a table. */
static __always_inline u32 log2_bucket(u64 ns)
{
	u64 more = exceeds(ns, 32) << 5, bucket = more;

	ns >>= more;
	more = exceeds(ns, 16) << 4;
	bucket |= more;
	ns >>= more;
	more = exceeds(ns, 8) << 3;
	bucket |= more;
	ns >>= more;
	return at_most(bucket + log2_of[forget_bits(ns) & 255], WIRE_HIST - 1);
}

/* Ends the wait of a blocked thread, once: its waker and the CPU it is leaving may both try. Returns the state that it
 * was in, 0 where it was not or is no longer blocked. */
static __always_inline u32 end_blocked(struct thread_rec *thread)
{
	u32 state = READ_ONCE(thread->state);

	if (!(state & THREAD_BLOCKED))
		return 0;
	return __sync_val_compare_and_swap(&thread->state, state, THREAD_RUN_QUEUE) == state ? state : 0;
}

/* Moves a blocked thread to the run queue, where its waker did not. */
int make_runnable_late(struct thread_rec *thread, u64 now)
{
	u32 state = thread ? end_blocked(thread) : 0;
	struct process_rec *process = state ? process_at(thread->slot) : NULL;

	if (process)
		move_state(process, state, THREAD_RUN_QUEUE, now);
	return 0;
}

/* Accounting of a thread begins, in this state; the rest of its record is filled. */
int begin_accounting(struct thread_rec *thread, u32 slot, u32 state, u64 now)
{
	struct process_rec *process = process_at(slot);

	if (!process || !thread)
		return 0;
	if (__sync_fetch_and_add(&process->live, 1) || slot == WIRE_OVERFLOW_SLOT)
		process->shared = 1;
	__sync_fetch_and_add(&process->threads_seen, 1);
	__sync_fetch_and_add(&group.live, 1);
	__sync_fetch_and_add(&group.threads_seen, 1);
	thread->slot = slot;
	thread->waiting = state & THREAD_BLOCKED ? 1 : 0;
	thread->reason = state & (WIRE_REASONS - 1);
	thread->start_ns = now;
	thread->last_ns = now;
	move_state(process, THREAD_NEW, state, now);
	__sync_lock_test_and_set(&thread->state, state);
	return 0;
}

/* A thread keeps histograms of the reasons that it met first; its process has the others. */
static __always_inline void add_to_histogram(struct thread_rec *thread, u32 reason, u32 bucket)
{
	u32 index = thread->totals.waits[reason].hist;
	struct process_rec *process;

	if (bucket >= WIRE_HIST)
		return;
	if (!index && thread->hists_used < WIRE_THREAD_HISTS) {
		index = ++thread->hists_used;
		thread->totals.waits[reason].hist = index;
	}
	index--;
	if (index < WIRE_THREAD_HISTS) {
		thread->hist[index][bucket]++;
		return;
	}
	process = process_at(thread->slot);
	if (process)
		__sync_fetch_and_add(&process->hist[reason][bucket], 1);
}

/* Apart, so that the verifier follows the loop once and not for each reason. */
__noinline int fold_histogram(u64 (*into)[WIRE_HIST], const u32 (*from)[WIRE_HIST])
{
	if (!into || !from)
		return 0;
	for (u32 bucket = 0; bucket < WIRE_HIST; bucket++)
		if ((*from)[bucket])
			__sync_fetch_and_add(&(*into)[bucket], (*from)[bucket]);
	return 0;
}

/* The thread ends: its histograms are its process's from now on. */
__noinline int fold_histograms(struct process_rec *process, const struct thread_rec *thread)
{
	if (!process || !thread)
		return 0;
	for (u32 reason = 0; reason < WIRE_WAITS; reason++) {
		u32 index = thread->totals.waits[reason].hist - 1;

		if (index < WIRE_THREAD_HISTS)
			fold_histogram(&process->hist[reason], &thread->hist[index]);
	}
	return 0;
}

/* It is known now what the last event wait was for: a timer ended it, its call ended without an event, or
 * the first transfer after it tells. */
static __always_inline void end_event(struct thread_rec *thread, u32 event, u32 weight)
{
	if (event >= EVENT_COUNT)
		return;
	thread->totals.sums.events[event].count += weight;
	thread->totals.sums.events[event].total_ns += weight * thread->event_ns;
	thread->event_ns = 0;
}

static __always_inline void end_event_wait(struct thread_rec *thread, u64 blocked)
{
	thread->event_ns = blocked;
	thread->event_slice = call_slice;
	if (thread->waker == WAKER_TIMER)
		end_event(thread, EVENT_TIMEOUT, 1);
}

static __always_inline void end_futex_wait(struct thread_rec *thread, u64 now)
{
	if (thread->futexes[0].address == thread->object)
		thread->futexes[0].end_ns = now;
}

/* Adds [last_ns, now], a stretch off the CPU that began with a wait, to the wait and to the run queue.
 * The waker may have come before the thread left its CPU: then it waited for nothing. */
static __always_inline void end_wait(struct thread_rec *thread, u64 now)
{
	u64 length = now - thread->last_ns, wake = READ_ONCE(thread->wake_ns);
	u64 blocked = at_most(not_negative(wake - thread->last_ns), length);
	u32 reason = thread->refined ? thread->refined : thread->reason;
	struct wait_total *wait;

	if (reason >= WIRE_WAITS) /* never */
		return;
	wait = &thread->totals.waits[reason];
	if (thread->refined == WAIT_LOCK)
		thread->totals.sums.idle_lock_ns += thread->idle_ns;
	thread->reason = reason;
	thread->wait_ns = blocked;
	thread->totals.sums.run_queue_ns += length - blocked;
	wait->count++;
	wait->total_ns += blocked;
	if (blocked > wait->max_ns)
		wait->max_ns = blocked;
	thread->waiting = 0;
	add_to_histogram(thread, reason, log2_bucket(blocked));
	if (reason == WAIT_EVENT)
		end_event_wait(thread, blocked);
	else if (reason == WAIT_LOCK || reason == WAIT_PARKED)
		end_futex_wait(thread, now);
}

/* A thread got a CPU; `kind` tells by what kind of switch. Returns 1 where that ended a wait. */
static __always_inline int account_in(struct thread_rec *thread, u32 kind, u64 now)
{
	u64 run_queue_ns = thread->totals.sums.run_queue_ns;
	int waited = thread->waiting;

	begin_update(thread);
	WRITE_ONCE(thread->state, THREAD_ON_CPU);
	if (waited)
		end_wait(thread, now);
	else
		thread->totals.sums.run_queue_ns += now - thread->last_ns;
	if (waited && kind & SWITCH_NO_RIVAL)
		thread->totals.sums.wakeup_latency_ns += thread->totals.sums.run_queue_ns - run_queue_ns;
	if (kind & SWITCH_PROCESS)
		thread->totals.sums.switch_process++;
	else if (kind & SWITCH_THREAD)
		thread->totals.sums.switch_thread++;
	else
		thread->totals.sums.switch_resume++;
	thread->last_ns = now;
	end_update(thread);
	return waited;
}

/* What a thread leaves its CPU with. */
struct departure {
	u64 nvcsw; /* the kernel's counts */
	u64 nivcsw;
	u64 exec_ns;
	u64 now;
	u32 state; /* enum thread_state that it goes to */
	u32 syscall;
	u64 object;
	u32 counted; /* 0: this switch is in no figure of the kernel's */
	u32 pad;
};

/* Returns the state that the thread is in now. */
static __always_inline u32 account_out(struct thread_rec *thread, const struct departure *out)
{
	u64 voluntary, involuntary;

	begin_update(thread);
	thread->totals.sums.on_cpu_ns += out->now - thread->last_ns;
	voluntary = out->nvcsw - thread->nvcsw;
	involuntary = out->nivcsw - thread->nivcsw;
	if (voluntary + involuntary > 1 && thread->seeded) { /* before its record was there to see them */
		voluntary = !!(out->state & THREAD_BLOCKED);
		involuntary = !voluntary;
	} else if (voluntary + involuntary > 1) {
		thread->totals.sums.missed_switches += voluntary + involuntary - 1;
	}
	thread->totals.sums.voluntary += voluntary * out->counted;
	thread->totals.sums.involuntary += involuntary * out->counted;
	thread->nvcsw = out->nvcsw;
	thread->nivcsw = out->nivcsw;
	thread->exec_ns = out->exec_ns;
	thread->seeded = 0;
	thread->syscall = out->syscall;
	thread->waiting = !!(out->state & THREAD_BLOCKED);
	thread->refined = 0;
	thread->object = out->object;
	thread->reason = out->state & (WIRE_REASONS - 1);
	thread->last_ns = out->now;
	/* A full barrier before the look at wake_ns that follows: see wake(). */
	__sync_lock_test_and_set(&thread->state, out->state);
	end_update(thread);
	return out->state;
}

/* The wall clocks go first: a waker must not find a thread blocked that they do not show as blocked yet. */
static __always_inline void switch_walls(struct thread_rec *out, struct thread_rec *in, u32 out_state, u64 now)
{
	u32 from = in ? in->state : THREAD_ON_CPU, to = out ? out_state : THREAD_ON_CPU;
	struct process_rec *process;

	wall_move(&group.wall, class_of(from), class_of(to), now);
	if (out && in && out->slot == in->slot) {
		process = process_at(out->slot);
		if (process)
			wall_moves(&process->wall, class_of(from), class_of(to), now);
		return;
	}
	process = out ? process_at(out->slot) : NULL;
	if (process)
		process_wall_move(process, THREAD_ON_CPU, to, now);
	process = in ? process_at(in->slot) : NULL;
	if (process)
		process_wall_move(process, from, THREAD_ON_CPU, now);
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
	thread->totals.sums.inferred++;
	make_runnable_late(thread, now - delay);
	return 0;
}

/* A thread leaves its CPU and no probe saw it come: it has run for `ran` since it left the last time. Returns 1 where
 * that ended a wait. */
int infer_switch_in(struct thread_rec *thread, u64 ran, u64 now)
{
	struct process_rec *process;

	if (!thread)
		return 0;
	if (ran > now - thread->last_ns)
		ran = now - thread->last_ns;
	if (READ_ONCE(thread->state) & THREAD_BLOCKED)
		infer_wakeup(thread, 0, now - ran);
	thread->totals.sums.inferred++;
	process = process_at(thread->slot);
	if (process)
		move_state(process, READ_ONCE(thread->state), THREAD_ON_CPU, now - ran);
	/* It was another process that had the CPU before, one whose events are not shown to us. */
	return account_in(thread, SWITCH_PROCESS, now - ran);
}

#endif
