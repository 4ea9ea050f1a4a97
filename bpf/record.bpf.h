/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a thread's record comes from, and where it goes to when the kernel frees the thread. */
#ifndef CTXRAY_RECORD_BPF_H
#define CTXRAY_RECORD_BPF_H

#include "account.bpf.h"

/* Records whose threads are gone. */
struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 1);
	__type(value, u32);
} free_records SEC(".maps");

/* `owner`: whose record it is, an address. Who tries it second does nothing. */
static __always_inline void give_back_record(u32 *index, u32 record, u64 owner)
{
	struct thread_rec *thread = record_at(record);

	if (!thread || __sync_val_compare_and_swap(&thread->task, owner, 0) != owner)
		return;
	__sync_val_compare_and_swap(index, record, 0);
	bpf_map_push_elem(&free_records, &record, 0);
}

/* A reader may be in the midst of copying what was there: `seq` goes on. */
static __always_inline void clear_record(struct thread_rec *thread)
{
	const struct thread_rec *empty = record_at(0);

	if (!empty)
		return;
	begin_update(thread);
	bpf_probe_read_kernel(&thread->state, sizeof(*thread) - offsetof(struct thread_rec, state), &empty->state);
	end_update(thread);
}

/* A number was another task's before, which has ended but is not freed yet, or what is kept under it means nothing any
 * more. False: that task is still on its way to its last switch. */
static __seldom bool succeed(u32 *index, u32 record, u32 number)
{
	struct thread_rec *before = record_at(record);
	u64 owner = before ? before->task : 0;

	if (!owner || number_of(owner) != number) {
		__sync_val_compare_and_swap(index, record, 0);
		return true;
	}
	if (READ_ONCE(before->state) >= THREAD_ON_CPU)
		return false;
	give_back_record(index, record, owner);
	return true;
}

/* The index of an empty record for the task at this address, or of the one that it has; 0, which is counted: there is
 * none for it. */
u32 make_record(u64 task, u32 number)
{
	u32 *index = index_at(number), record = 0;
	struct thread_rec *thread;

	if (thread_at(task, number))
		return index ? *index : 0;
	if (index && (!*index || succeed(index, *index, number)))
		record = take_index(&free_records, &records_used, records);
	thread = record ? record_at(record) : NULL;
	if (!thread || !index) {
		__sync_fetch_and_add(&group.records_full, 1);
		return 0;
	}
	clear_record(thread);
	__sync_lock_test_and_set(&thread->task, task);
	if (__sync_val_compare_and_swap(index, 0, record))
		give_back_record(index, record, task); /* a seeding pass and a fork met */
	return *index;
}

static __always_inline struct thread_rec *create_record(struct task_struct *task)
{
	u64 address = 0;
	u32 record;

	bpf_probe_read_kernel(&address, sizeof(address), &task); /* no pointer to the verifier */
	record = make_record(address, number_of(address));
	return record ? record_at(record) : NULL;
}

/* No program runs any more that has seen it. Where it gave its number to a thread of its own that executed a program,
 * and no event of that one has come since, its record is still kept under its process's. */
static __always_inline void free_thread(struct task_struct *task)
{
	u32 *index = index_at(task->pid);

	if (index && !*index)
		exchange_index(task->tgid);
	if (index && thread_of(task))
		give_back_record(index, *index, (u64)task);
}

#endif
