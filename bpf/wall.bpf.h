/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wall-clock state of a process: packed thread counts, and the time spent in each state. */
#ifndef CTXRAY_WALL_BPF_H
#define CTXRAY_WALL_BPF_H

#include "state.bpf.h"

#define HIGH_CPU 1ULL
#define HIGH_STARVED (1ULL << 16)
#define HIGH_IO (1ULL << 40)
#define LOW_EVENT 1ULL
#define LOW_LOCK (1ULL << 32)

static __always_inline u64 high_of(u32 class)
{
	return class == CLASS_CPU ? HIGH_CPU : class == CLASS_STARVED ? HIGH_STARVED : class == CLASS_IO ? HIGH_IO : 0;
}

static __always_inline u64 low_of(u32 class)
{
	return class == CLASS_EVENT ? LOW_EVENT : class == CLASS_LOCK ? LOW_LOCK : 0;
}

static __always_inline u32 wall_bucket(u64 high, u64 low)
{
	u32 running = high & 0xffff;

	if (running)
		return WALL_RUNNING + (running < WIRE_PARALLEL ? running : WIRE_PARALLEL) - 1;
	if (high & (HIGH_IO - HIGH_STARVED))
		return WALL_STARVED;
	if (high)
		return WALL_IO;
	if (low & 0xffffffff)
		return WALL_EVENT;
	return low ? WALL_LOCK : WALL_IDLE;
}

/* A thread of this process goes from one class to another. The old value of `high` names the state that just
 * ended, so racing CPUs each close a different stretch; the exchange of `since_ns` makes lengths telescope, and
 * they are added with their sign, so the buckets sum to the elapsed time whatever the order. `low` only matters
 * while `high` is 0; it grows before `high` shrinks and shrinks after it grew, so that no false idle shows.
 *
 * This and other functions that take nothing of the kernel's are global, so that the verifier looks at each once and
 * not once for each way to it. */
int wall_move(struct wall *wall, u32 from, u32 to, u64 now)
{
	u64 delta = high_of(to) - high_of(from);
	u64 low, high, length;
	u32 old_bucket, new_bucket;

	if (!wall)
		return 0;
	low = READ_ONCE(wall->low);
	if (low_of(to))
		__sync_fetch_and_add(&wall->low, low_of(to));
	high = delta ? __sync_fetch_and_add(&wall->high, delta) : READ_ONCE(wall->high);
	if (low_of(from))
		__sync_fetch_and_add(&wall->low, -low_of(from));

	old_bucket = wall_bucket(high, low);
	new_bucket = wall_bucket(high + delta, low + low_of(to) - low_of(from));
	if (old_bucket == new_bucket || old_bucket >= WIRE_WALL)
		return 0;
	length = now - __sync_lock_test_and_set(&wall->since_ns, now);
	__sync_fetch_and_add(&wall->bucket_ns[old_bucket], length);
	return 0;
}

static __always_inline u32 class_of(u32 state)
{
	if (state == THREAD_ON_CPU)
		return CLASS_CPU;
	if (state == THREAD_RUN_QUEUE)
		return CLASS_STARVED;
	if (state & THREAD_BLOCKED)
		return reason_class[state & (WIRE_WAITS - 1)];
	return CLASS_NONE;
}

/* The thread's process and the group both see the change of state. */
int move_state(struct process_rec *process, u32 from, u32 to, u64 now)
{
	u32 from_class = class_of(from), to_class = class_of(to);

	if (!process)
		return 0;
	wall_move(&process->wall, from_class, to_class, now);
	wall_move(&group.wall, from_class, to_class, now);
	return 0;
}

#endif
