/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a process waits: totals for each reason, system call and file or futex, and who ended the waits. */
#ifndef CTXRAY_SITE_BPF_H
#define CTXRAY_SITE_BPF_H

#include "account.bpf.h"
#include "file.bpf.h"

/* A run that has grown so long is ended, so that its counts never run over. */
#define LONGEST_RUN (1U << 30)

/* Majority vote (Boyer and Moore): who ended more than half of the waits is left over. */
static __always_inline void vote_waker(struct site_run *run, u64 waker)
{
	if (run->waker == waker) {
		run->waker_votes++;
	} else if (!run->waker_votes) {
		run->waker = waker;
		run->waker_votes = 1;
	} else {
		run->waker_votes--;
	}
}

static __always_inline void add_votes(struct site *site, const struct site_run *run)
{
	if (site->waker == run->waker) {
		site->waker_votes += run->waker_votes;
	} else if (site->waker_votes >= run->waker_votes) {
		site->waker_votes -= run->waker_votes;
	} else {
		site->waker = run->waker;
		site->waker_votes = run->waker_votes - site->waker_votes;
	}
}

static __always_inline void site_key_of(struct site_key *key, const struct thread_rec *thread)
{
	key->slot = thread->slot;
	key->syscall = thread->syscall;
	key->reason = thread->reason;
	key->object = thread->reason == WAIT_PARKED ? WIRE_NO_OBJECT : thread->object;
}

/* Its threads wait for one another: perhaps for an interpreter's lock, which only user space can find. */
static __always_inline void ask_runtime(u32 slot)
{
	struct process_rec *process = process_at(slot);
	struct message_head question = {.kind = MESSAGE_FIND_RUNTIME, .slot = slot};

	if (!process || process->gil_bytes || process->live < 2 || process->runtime_asks >= WIRE_RUNTIME_ASKS)
		return;
	process->runtime_asks++;
	question.pid = process->pid;
	question.process_start_ns = process->wall.start_ns;
	bpf_ringbuf_output(&messages, &question, sizeof(question), BPF_RB_FORCE_WAKEUP);
}

static __always_inline bool is_futex_wait(u32 reason)
{
	return reason == WAIT_LOCK || reason == WAIT_PARKED;
}

/* The place that `thread` has waited at is new. `file`: which it waited for, as an address; 0: for none. */
int make_site(const struct thread_rec *thread, const struct site_key *key, u64 file)
{
	struct site_key own; /* 6.1 takes no key from memory that a global function was given */
	struct site *site;
	u32 zero = 0;

	site = bpf_map_lookup_elem(&site_room, &zero);
	if (!thread || !key || !site)
		return 0;
	__builtin_memset(site, 0, sizeof(*site));
	if (is_futex_wait(key->reason))
		ask_runtime(thread->slot);
	else if (file)
		identify_file(&site->file, (struct file *)file);
	own = *key;
	bpf_map_update_elem(&sites, &own, site, BPF_NOEXIST);
	return 0;
}

/* Its waits go into the place's totals. */
int end_run(struct site_run *run)
{
	struct site_key key;
	struct site *site;
	u32 unknown;

	if (!run || !run->count)
		return 0;
	key = run->key;
	site = bpf_map_lookup_elem(&sites, &key);
	if (!site) {
		__sync_fetch_and_add(&group.sites_full, run->count);
	} else {
		__sync_fetch_and_add(&site->count, run->count);
		__sync_fetch_and_add(&site->total_ns, run->total_ns);
		if (run->max_ns > site->max_ns)
			site->max_ns = run->max_ns;
		unknown = run->count;
		for (int i = 0; i < WAKER_UNKNOWN; i++) {
			unknown -= run->ended_by[i];
			if (run->ended_by[i])
				__sync_fetch_and_add(&site->ended_by[i], run->ended_by[i]);
		}
		__sync_fetch_and_add(&site->ended_by[WAKER_UNKNOWN], unknown);
		add_votes(site, run);
	}
	__builtin_memset(run, 0, sizeof(*run));
	return 0;
}

static __always_inline void end_runs(struct thread_rec *thread)
{
	for (int i = 0; i < WIRE_RUNS; i++)
		end_run(&thread->runs[i]);
}

static __always_inline bool is_at(const struct site_run *run, const struct site_key *key)
{
	const u64 *one = (const u64 *)&run->key, *other = (const u64 *)key;

	return run->count && one[0] == other[0] && one[1] == other[1] && run->count < LONGEST_RUN;
}

static __always_inline void add_to_run(struct site_run *run, const struct thread_rec *thread)
{
	u64 blocked = thread->wait_ns;

	run->count++;
	run->total_ns += blocked;
	if (blocked > run->max_ns)
		run->max_ns = blocked;
	if (thread->waker >= WAKER_UNKNOWN)
		return;
	run->ended_by[thread->waker]++;
	if (thread->waker == WAKER_TASK)
		vote_waker(run, thread->waker_task);
}

static __always_inline bool names_file(const struct site_key *key)
{
	return key->object != WIRE_NO_OBJECT && !is_futex_wait(key->reason) && key->reason != WAIT_GIL &&
	       key->reason != WAIT_JOIN;
}

/* `thread` has waited elsewhere than before. `file`: as for make_site(). */
int change_site(struct thread_rec *thread, const struct site_key *key, u64 file)
{
	struct site_run *run;
	u32 latest;
	struct site_key own; /* as in make_site() */

	if (!thread || !key)
		return 0;
	latest = thread->run;
	for (u32 i = 1; i < WIRE_RUNS; i++) {
		run = &thread->runs[(latest + i) & (WIRE_RUNS - 1)];
		if (is_at(run, key)) {
			thread->run = latest + i;
			return 0;
		}
	}
	thread->run = latest + 1; /* the one that has been there longest */
	run = &thread->runs[thread->run & (WIRE_RUNS - 1)];
	end_run(run);
	run->key = *key;
	own = *key;
	if (!bpf_map_lookup_elem(&sites, &own))
		make_site(thread, key, file);
	return 0;
}

static __seldom void leave_site(struct thread_rec *thread, struct task_struct *task, const struct site_key *key)
{
	change_site(thread, key, names_file(key) ? (u64)file_in(task, key->object) : 0);
}

/* `thread`, which is coming onto its CPU, has ended a wait. */
static __always_inline void count_site(struct thread_rec *thread, struct task_struct *task)
{
	struct site_key key = {};

	site_key_of(&key, thread);
	begin_update(thread);
	if (!is_at(&thread->runs[thread->run & (WIRE_RUNS - 1)], &key))
		leave_site(thread, task, &key);
	add_to_run(&thread->runs[thread->run & (WIRE_RUNS - 1)], thread);
	end_update(thread);
}

#endif
