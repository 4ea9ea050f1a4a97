/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One thread's life as the kernel tells it: switched out, woken, switched in, ended. */
#ifndef CTXRAY_THREAD_BPF_H
#define CTXRAY_THREAD_BPF_H

#include "block.bpf.h"
#include "calls.bpf.h"
#include "clock.bpf.h"
#include "reason.bpf.h"
#include "site.bpf.h"
#include "viewer.bpf.h"

/* The kernel's counters where accounting begins. */
static __always_inline void set_base(struct thread_rec *thread, struct task_struct *task)
{
	thread->nvcsw = task->nvcsw;
	thread->nivcsw = task->nivcsw;
	thread->exec_ns = task->se.sum_exec_runtime;
	thread->user_base_ns = task->utime;
	thread->system_base_ns = task->stime;
	for (int i = 0; i < WIRE_FDS; i++)
		thread->io_fds[i] = ~0U;
}

/* The launched command is let go: its clocks and the group's start now. */
static __seldom void begin_armed(struct thread_rec *thread, struct task_struct *task, u32 state, u64 now)
{
	struct process_rec *process = process_at(thread->slot);

	if (!process)
		return;
	process->wall.start_ns = now;
	process->wall.since_ns = now;
	group.wall.start_ns = now;
	group.wall.since_ns = now;
	set_base(thread, task);
	thread->skip_call = state != THREAD_ON_CPU;
	begin_accounting(thread, thread->slot, state, now);
}

/* Sums are 64 bits wide throughout. Two threads of a process that end at once on two CPUs may leave the smaller
 * maximum. */
__noinline int fold_totals(struct thread_totals *into, const struct thread_totals *from)
{
	u64 *sums;
	const u64 *added;

	if (!into || !from)
		return 0;
	sums = (u64 *)&into->sums;
	added = (const u64 *)&from->sums;
	for (u32 i = 0; i < sizeof(into->sums) / sizeof(u64); i++)
		if (added[i])
			__sync_fetch_and_add(&sums[i], added[i]);
	for (u32 i = 0; i < WIRE_WAITS; i++) {
		const struct wait_total *wait = &from->waits[i];

		if (!wait->count)
			continue;
		__sync_fetch_and_add(&into->waits[i].count, wait->count);
		__sync_fetch_and_add(&into->waits[i].total_ns, wait->total_ns);
		if (wait->max_ns > into->waits[i].max_ns)
			into->waits[i].max_ns = wait->max_ns;
	}
	return 0;
}

/* The record as it stands, with what names the thread; `now` is the time up to which it holds. */
static __always_inline void fill_sample(struct thread_sample *sample, struct task_struct *task,
					const struct thread_rec *thread, u64 now)
{
	sample->now_ns = now;
	sample->user_ns = task->utime;
	sample->system_ns = task->stime;
	sample->cpus_allowed = task->nr_cpus_allowed;
	bpf_probe_read_kernel_str(sample->comm, sizeof(sample->comm), task->comm);
	/* Too large for a plain copy. Where the kernel keeps the task is nobody's business outside. */
	bpf_probe_read_kernel(&sample->rec.seq, sizeof(sample->rec) - offsetof(struct thread_rec, seq), &thread->seq);
}

/* Wakes the reader seldom: when the ring is half full, and at the end. */
static void send_message(struct message *message, u32 kind, u64 size)
{
	u64 flags = BPF_RB_NO_WAKEUP;

	if (kind == MESSAGE_GROUP_ENDED ||
	    bpf_ringbuf_query(&messages, BPF_RB_AVAIL_DATA) > bpf_ringbuf_query(&messages, BPF_RB_RING_SIZE) / 2)
		flags = BPF_RB_FORCE_WAKEUP;
	message->head.kind = kind;
	if (bpf_ringbuf_output(&messages, message, size, flags))
		__sync_fetch_and_add(&group.exits_lost, 1);
}

/* The last switch out of a thread: what it did must outlive it. Its message is sent before its process is
 * announced as ended, so who has read the announcement finds all messages in the ring. */
static __always_inline void end_thread(struct task_struct *task, struct thread_rec *thread, u64 now)
{
	struct message *message = scratch_for(SCRATCH_MESSAGE);
	u32 slot = thread->slot;
	struct process_rec *process = process_at(slot);

	if (!process)
		return;
	end_runs(thread);
	thread->totals.sums.lifetime_ns = now - thread->start_ns;
	thread->totals.sums.user_ns = task->utime - thread->user_base_ns;
	thread->totals.sums.system_ns = task->stime - thread->system_base_ns;
	__sync_fetch_and_add(&process->folds_begun, 1);
	fold_totals(&process->ended, &thread->totals);
	fold_histograms(process, thread);
	if (task->pid == task->tgid)
		process->cpus_allowed = task->nr_cpus_allowed;
	__sync_fetch_and_add(&process->folds_done, 1);
	__sync_fetch_and_add(&group.folds, 1);
	if (message) {
		message->head.pid = process->pid;
		message->head.process_start_ns = process->wall.start_ns;
		fill_sample(&message->thread, task, thread, now);
		send_message(message, MESSAGE_THREAD_ENDED, sizeof(*message));
	}
	if (__sync_fetch_and_add(&process->live, -1) == 1 && slot != WIRE_OVERFLOW_SLOT) {
		process->end_ns = now;
		bpf_map_push_elem(&ended_slots, &slot, 0);
	}
	group.end_ns = now;
	if (__sync_fetch_and_add(&group.live, -1) == 1 && message)
		send_message(message, MESSAGE_GROUP_ENDED, sizeof(message->head));
}

/* Time that `next` spent in the run queue, by the clock of that queue. */
static __always_inline u64 run_delay(struct task_struct *next)
{
	return next->se.exec_start - next->sched_info.last_queued;
}

/* What becomes of the address space. */
static __always_inline u32 space_kind(struct task_struct *prev, struct task_struct *next)
{
	u64 mm = WORD_AT(&next->mm), active = WORD_AT(&prev->active_mm), of_prev = WORD_AT(&prev->mm);

	if (mm && mm != active)
		return SWITCH_PROCESS;
	return mm && mm == of_prev ? SWITCH_THREAD : SWITCH_RESUME;
}

static __always_inline u32 rival_kind(struct thread_rec *thread, struct task_struct *prev)
{
	bool handed_over = (u32)prev->pid == thread->wake_tid && task_state(prev) != TASK_RUNNING;

	return !prev->pid || handed_over ? SWITCH_NO_RIVAL : 0;
}

/* What lies before and at the first of the two futexes of glibc's pthread_cond_t, from 2.25 to 2.40: references to both
 * groups of waiters in steps of 2, and to the whole in steps of 8 (nptl/pthread_cond_wait.c). */
struct condition {
	u32 group_refs[2];
	u32 group_sizes[2];
	u32 first_size;
	u32 refs;
	u32 signals[2];
};

static __always_inline bool is_condition(const struct condition *condition)
{
	u32 waiters = condition->refs >> 3, in_group = condition->group_refs[0] >> 1;

	return in_group && in_group <= waiters;
}

/* A semaphore's count is followed by the number of those who wait, in one word of 8 bytes (sem_wait of glibc). A
 * condition's second futex is no multiple of 8, and what follows its first may be anything. */
static __always_inline bool is_semaphore(u64 address)
{
	u64 before = address - offsetof(struct condition, signals);
	struct condition condition = {};
	u32 waiters = 0;

	if (address & 7 || bpf_probe_read_user(&waiters, sizeof(waiters), (void *)(address + 4)) || !waiters)
		return false;
	return bpf_probe_read_user(&condition, sizeof(condition), (void *)before) || !is_condition(&condition);
}

/* Remembers a semaphore: its wakeup may show that it is used as a lock. The thread is current. */
static __seldom void mark_futex(struct thread_rec *thread, u64 address)
{
	struct process_rec *process = process_at(thread->slot);

	if (!is_semaphore(address))
		return;
	if (thread->futexes[0].address != address) {
		struct futex_memory other = thread->futexes[1];

		thread->futexes[1] = thread->futexes[0];
		thread->futexes[0] = other;
	}
	if (thread->futexes[0].address != address) {
		thread->futexes[0].address = address;
		thread->futexes[0].end_ns = 0;
	}
	if (process)
		thread->idle_mark_ns = wall_idle_ns(&process->wall);
}

static __always_inline u32 departure_state(struct departure *out, struct thread_rec *thread, struct task_struct *task,
					   u32 state)
{
	struct wait wait;

	/* The kernel counts before it shows the switch: who was seeded in between has this one in its base already. */
	if (out->nvcsw == thread->nvcsw && (out->nivcsw != thread->nivcsw || !thread->seeded))
		return THREAD_RUN_QUEUE;
	if (state == TASK_RUNNING) /* a signal called the sleep off */
		return THREAD_RUN_QUEUE;
	if (state & TASK_DEAD) {
		out->counted = 0;
		return THREAD_DEAD;
	}
	find_wait(&wait, thread, task, state);
	out->syscall = wait.syscall;
	out->object = wait.object;
	if (wait.syscall != ~0U)
		thread->call = wait;
	if (wait.reason == WAIT_PARKED && wait.object != WIRE_NO_OBJECT)
		mark_futex(thread, wait.object);
	return blocked_for(wait.reason);
}

/* What a thread leaves its CPU for. */
static __always_inline void depart(struct departure *out, struct thread_rec *thread, struct task_struct *task,
				   u32 state)
{
	out->nvcsw = task->nvcsw;
	out->nivcsw = task->nivcsw;
	out->exec_ns = task->se.sum_exec_runtime;
	out->syscall = ~0U;
	out->object = WIRE_NO_OBJECT;
	out->counted = !is_released(task);
	out->state = forget(departure_state(out, thread, task, state));
	out->counted = forget(out->counted);
}

/* A wait has ended: it belongs to a place, a system call, and perhaps a block request. */
static __always_inline void place_wait(struct thread_rec *thread, struct task_struct *task, u64 now)
{
	if (!(READ_ONCE(shed) & SHED_PLACES))
		count_site(thread, task);
	count_wait_in_call(thread);
	if (thread->complete_ns)
		end_request_wait(thread, now);
}

/* `out` leaves its CPU, and no probe saw it come. */
static __seldom void infer_place(struct thread_rec *out, struct task_struct *prev, u64 now)
{
	if (infer_switch_in(out, prev->se.sum_exec_runtime - out->exec_ns, now))
		place_wait(out, prev, now);
}

/* `run_queue_ns`: how long `in` had been ready to run. */
static __always_inline void switch_on_cpu(const struct thread_rec *out, u64 ran_since, const struct thread_rec *in,
					  u32 kind, u64 run_queue_ns, u64 now)
{
	u32 key = bpf_get_smp_processor_id(), bucket;
	struct cpu_total *cpu;

	if (!counts_cpus)
		return;
	cpu = bpf_map_lookup_elem(&cpus, &key);
	if (!cpu)
		return;
	if (out)
		cpu->on_cpu_ns += now - ran_since;
	cpu->since_ns = in ? now : 0;
	if (!in)
		return;
	if (kind & SWITCH_PROCESS)
		cpu->switch_process++;
	else if (kind & SWITCH_THREAD)
		cpu->switch_thread++;
	else
		cpu->switch_resume++;
	cpu->run_queue_ns += run_queue_ns;
	bucket = log2_bucket(run_queue_ns);
	if (bucket < WIRE_HIST)
		cpu->hist[bucket]++;
}

/* `out` leaves its CPU, or somebody who is not accounted: see soft_exit(). */
static __always_inline void tell_soft_interrupts(struct cpu_state *cpu, struct thread_rec *out)
{
	u32 untold = cpu ? take_untold(cpu) : 0;

	if (untold && out)
		out->totals.sums.soft_count += untold;
}

/* `out` and `in` are null where the task is not accounted. `kind`: space_kind(). */
static __always_inline void switch_threads(struct thread_rec *out, struct task_struct *prev, struct thread_rec *in,
					   struct task_struct *next, u32 kind)
{
	struct cpu_state *cpu = this_cpu();
	u64 now = switch_time(cpu, prev), last = 0, run_queue_ns = 0;
	struct departure departure = {};
	u32 after = 0;

	/* The clocks of two CPUs, and ours, may differ by a little. */
	if (out)
		now = at_least(now, out->last_ns);
	if (in)
		now = at_least(now, in->last_ns);
	departure.now = now;
	tell_soft_interrupts(cpu, out);
	/* Kernels can hide the events of some tasks, and of interrupts that hit them. */
	if (out && READ_ONCE(out->state) != THREAD_ON_CPU)
		infer_place(out, prev, now);
	if (in && READ_ONCE(in->state) & THREAD_BLOCKED)
		infer_wakeup(in, run_delay(next), now);
	if (out) {
		last = out->last_ns;
		depart(&departure, out, prev, task_state(prev));
	}
	switch_walls(out, in, departure.state, now);
	if (out)
		after = account_out(out, &departure);
	if (in) {
		kind = forget(kind | rival_kind(in, prev));
		run_queue_ns = in->totals.sums.run_queue_ns;
		if (account_in(in, kind, now))
			place_wait(in, next, now);
		run_queue_ns = in->totals.sums.run_queue_ns - run_queue_ns;
	}
	switch_on_cpu(out, last, in, kind, run_queue_ns, now);
	if (!out)
		return;
	/* Woken since it was last switched in, by a waker that may still have found it on its CPU. */
	if (after & THREAD_BLOCKED && READ_ONCE(out->wake_ns) > last && wakeup_in_progress(prev))
		make_runnable_late(out, now);
	if (after == THREAD_DEAD)
		end_thread(prev, out, now);
}

static __always_inline u32 waker_kind(struct cpu_state *cpu)
{
	if (cpu->hard_ns)
		return cpu->timer ? WAKER_TIMER : WAKER_IRQ;
	if (!serves_soft(cpu))
		return WAKER_TASK;
	return serves_timer(cpu) ? WAKER_TIMER : WAKER_SOFTIRQ;
}

/* Those who wait for a lock hold it in turns: each hold is a fair part of a wait, the more so where all else is idle.
 */
#define MOST_HOLDERS 64
#define MOST_IDLE_HOLDERS 8

/* A semaphore that its waker has waited for itself is passed round like a lock. One it is if the waker has held it
 * since for a fair part of the wait; otherwise workers without work wake one another. Who wakes as it ends is joined.
 */
static __seldom void refine_futex(struct thread_rec *thread, struct task_struct *waker, u64 now)
{
	struct thread_rec *by = thread_of(waker);
	struct process_rec *process = process_at(thread->slot);
	u64 length = not_negative(now - thread->last_ns), holders = MOST_HOLDERS;
	u64 address = thread->object, held_since = 0;

	if (waker->flags & PF_EXITING) {
		thread->refined = WAIT_JOIN;
		return;
	}
	if (!by || !process || thread->futexes[0].address != address)
		return;
	if (by->futexes[0].address == address)
		held_since = by->futexes[0].end_ns;
	else if (by->futexes[1].address == address)
		held_since = by->futexes[1].end_ns;
	if (!held_since)
		return;
	thread->idle_ns = wall_idle_ns(&process->wall) - thread->idle_mark_ns;
	if (2 * thread->idle_ns >= length)
		holders = MOST_IDLE_HOLDERS;
	if (not_negative(now - held_since) * holders >= length)
		thread->refined = WAIT_LOCK;
}

/* `id`: of the current task, bpf_get_current_pid_tgid(). */
static __always_inline void note_waker(struct thread_rec *thread, u64 id)
{
	struct task_struct *waker;

	if (thread->waker_id == id)
		return;
	waker = bpf_get_current_task_btf();
	thread->waker_id = id;
	thread->waker_task = 0;
	if (!may_show(waker))
		return;
	thread->waker_task = id;
	if (pid_level)
		thread->waker_task = (u64)pid_at_level(BPF_CORE_READ(waker, group_leader), pid_level) << 32 |
				     pid_at_level(waker, pid_level);
}

static __always_inline bool is_parked(u32 state)
{
	return state & THREAD_BLOCKED && (state & (WIRE_REASONS - 1)) == WAIT_PARKED;
}

static __always_inline bool waits_for_disk(u32 state)
{
	u32 reason = state & (WIRE_REASONS - 1);

	return state & THREAD_BLOCKED && (reason == WAIT_DISK || reason == WAIT_PAGE_FAULT);
}

/* bpf_get_current_pid_tgid(), without a call where the run queue of this CPU is known. */
static __always_inline u64 current_id(const struct cpu_state *cpu)
{
	u64 task;

	if (!casts || !cpu->run_queue)
		return bpf_get_current_pid_tgid();
	task = WORD_AT(&((struct rq *)cpu->run_queue)->curr);
	return (u64)READ_AT(task, struct task_struct, tgid) << 32 | READ_AT(task, struct task_struct, pid);
}

/* Who ends a wait, and what that says about it. Where a thread serves a device's interrupts, as all do on real-time
 * kernels, it completes requests and wakes those who wait for them. */
static __always_inline void note_wakeup(struct thread_rec *thread, u32 state, u64 now)
{
	struct cpu_state *cpu = this_cpu();
	u64 id;

	if (READ_ONCE(shed) & SHED_WAKERS) { /* nobody sees interrupts come any more */
		thread->waker = WAKER_UNKNOWN;
		if (is_parked(state))
			refine_futex(thread, bpf_get_current_task_btf(), now);
		return;
	}
	if (!cpu)
		return;
	id = current_id(cpu);
	thread->waker = waker_kind(cpu);
	thread->wake_tid = id;
	if (thread->waker == WAKER_TASK) {
		note_waker(thread, id);
		if (is_parked(state))
			refine_futex(thread, bpf_get_current_task_btf(), now);
		if (id && cpu->complete_id == id && waits_for_disk(state))
			thread->complete_ns = cpu->complete_ns;
	} else if (completed_meanwhile(cpu)) {
		thread->complete_ns = cpu->complete_ns;
	}
}

/* Runs in the waker's context under the sleeper's pi_lock, perhaps while the sleeper is still on its CPU. */
static __always_inline void wake(struct thread_rec *thread, struct task_struct *task)
{
	u32 state = READ_ONCE(thread->state);
	struct process_rec *process;
	u64 now;

	if (state < THREAD_ON_CPU && state != THREAD_ARMED)
		return;
	now = bpf_ktime_get_ns();
	if (state == THREAD_ARMED) {
		begin_armed(thread, task, THREAD_RUN_QUEUE, now);
		return;
	}
	note_wakeup(thread, state, now);
	/* A full barrier between this and the look at the state, as in account_out the other way round: one of the
	 * two sees the other. Where the record says blocked already, the exchange of that state is the barrier. */
	if (state & THREAD_BLOCKED)
		WRITE_ONCE(thread->wake_ns, now);
	else
		__sync_lock_test_and_set(&thread->wake_ns, now);
	state = end_blocked(thread);
	process = state ? process_at(thread->slot) : NULL;
	if (!process)
		return;
	process_wall_move(process, state, THREAD_RUN_QUEUE, now);
	wall_move(&group.wall, class_of(state), CLASS_STARVED, now);
}

#endif
