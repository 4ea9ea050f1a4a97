/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the objects of programs share: the records of threads, and the ring of messages. */
#ifndef CTXRAY_THREAD_MAP_BPF_H
#define CTXRAY_THREAD_MAP_BPF_H

#include "compat.bpf.h"
#include "wire.h"

/* By index; the first is nobody's and stays empty. The kernel lets an array that can be mapped begin with a page, so
 * the records lie in whole lines of the cache. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct thread_rec);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct thread_row);
} thread_rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_RING_BYTES);
} messages SEC(".maps");

static __always_inline struct thread_rec *record_at(u32 index)
{
	return bpf_map_lookup_elem(&threads, &index);
}

/* Where the index of the record is of the task with this number. */
static __always_inline u32 *index_at(u32 number)
{
	u32 row_index = number / WIRE_NUMBERS;
	struct thread_row *row = bpf_map_lookup_elem(&thread_rows, &row_index);

	return row ? &row->record[number % WIRE_NUMBERS] : NULL;
}

/* `task`: its address. That in a record leads to a task until on_free() has cleared it. */
static __always_inline u32 number_of(u64 task)
{
	return READ_AT(task, struct task_struct, pid);
}

/* The task with this number is not the one whose record is kept under it. A thread that executes a program takes the
 * number of its process's first one, which gets its own (de_thread, fs/exec.c): then their indexes are exchanged as
 * well. Where the number was given out anew, nothing happens. */
int exchange_index(u32 number)
{
	u32 *index = index_at(number), *other, record = index ? *index : 0, others;
	struct thread_rec *thread = record_at(record);
	u32 its_number;

	if (!record || !thread)
		return 0;
	its_number = number_of(thread->task);
	other = index_at(its_number);
	if (!other || !its_number || its_number == number) /* 0: it is being given back */
		return 0;
	others = *other;
	thread = record_at(others);
	if (!thread || (others && number_of(thread->task) != number))
		return 0;
	WRITE_ONCE(*index, others);
	WRITE_ONCE(*other, record);
	return 0;
}

/* Looking into two arrays takes no call; searching a task's storage takes two, each of which costs more than both looks
 * where a kernel guards its returns. `task`: its address. */
static __always_inline struct thread_rec *find_record(u64 task, u32 number)
{
	u32 *index = index_at(number), record = index ? *index : 0;
	struct thread_rec *thread = record ? record_at(record) : NULL;

	return thread && thread->task == task ? thread : NULL;
}

/* The current task's: NULL, too, between the exchange of its number and the next event that is not an interrupt. */
static __always_inline struct thread_rec *current_thread(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return find_record((u64)task, task->pid);
}

/* The same after exchanges. `task`: an address of which the verifier needs to know nothing. */
static __always_inline struct thread_rec *thread_at(u64 task, u32 number)
{
	u32 *index = index_at(number), record = index ? *index : 0;
	struct thread_rec *thread;

	if (!record)
		return NULL;
	thread = record_at(record);
	if (thread && thread->task == task)
		return thread;
	exchange_index(number);
	thread = record_at(READ_ONCE(*index));
	return thread && thread->task == task ? thread : NULL;
}

static __always_inline struct thread_rec *thread_of(struct task_struct *task)
{
	return thread_at((u64)task, task->pid);
}

#endif
