/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a process waits: totals for each reason, system call and file or futex, and who ended the waits. */
#ifndef CTXRAY_SITE_BPF_H
#define CTXRAY_SITE_BPF_H

#include "file.bpf.h"

/* Majority vote (Boyer and Moore): who ended more than half of the waits is left over. */
static __always_inline void vote_waker(struct site *site, u64 waker)
{
	if (site->waker == waker) {
		site->waker_votes++;
	} else if (!site->waker_votes) {
		site->waker = waker;
		site->waker_votes = 1;
	} else {
		site->waker_votes--;
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

/* `files`: the open files of the thread, as an address. */
int make_site(struct thread_rec *thread, u64 files)
{
	struct site_key key = {};
	struct site *site;
	u32 zero = 0;

	site = bpf_map_lookup_elem(&site_room, &zero);
	if (!thread || !site)
		return 0;
	site_key_of(&key, thread);
	__builtin_memset(site, 0, sizeof(*site));
	if (is_futex_wait(thread->reason))
		ask_runtime(thread->slot);
	else if (key.object != WIRE_NO_OBJECT && thread->reason != WAIT_GIL && thread->reason != WAIT_JOIN)
		identify_file(&site->file, (struct files_struct *)files, key.object);
	bpf_map_update_elem(&sites, &key, site, BPF_NOEXIST);
	return 0;
}

/* `thread`, which is coming onto its CPU, has ended a wait. False: its place is new. */
int add_to_site(struct thread_rec *thread)
{
	struct site_key key = {};
	struct site *site;
	u64 blocked;

	if (!thread)
		return false;
	site_key_of(&key, thread);
	site = bpf_map_lookup_elem(&sites, &key);
	if (!site)
		return false;
	blocked = thread->wait_ns;
	__sync_fetch_and_add(&site->count, 1);
	__sync_fetch_and_add(&site->total_ns, blocked);
	if (blocked > site->max_ns)
		site->max_ns = blocked;
	if (thread->waker >= WAKER_COUNT)
		return true;
	__sync_fetch_and_add(&site->ended_by[thread->waker], 1);
	if (thread->waker == WAKER_TASK)
		vote_waker(site, thread->waker_task);
	return true;
}

static __always_inline void count_site(struct thread_rec *thread, struct task_struct *task)
{
	if (add_to_site(thread))
		return;
	make_site(thread, (u64)BPF_CORE_READ(task, files));
	if (!add_to_site(thread))
		__sync_fetch_and_add(&group.sites_full, 1);
}

#endif
