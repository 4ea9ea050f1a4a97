/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the objects of programs share: the records of threads, and the ring of messages. */
#ifndef CTXRAY_THREAD_MAP_BPF_H
#define CTXRAY_THREAD_MAP_BPF_H

#include "compat.bpf.h"
#include "wire.h"

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread_rec);
} threads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, WIRE_RING_BYTES);
} messages SEC(".maps");

/* Most threads of a machine have no storage at all, which shows without a call. */
static __always_inline struct thread_rec *thread_of(struct task_struct *task)
{
	if (casts && !WORD_AT(&task->bpf_storage))
		return NULL;
	return bpf_task_storage_get(&threads, task, 0, 0);
}

#endif
