/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wall-clock state of a process: packed thread counts, and the time spent in each state. */
#ifndef CTXRAY_WALL_BPF_H
#define CTXRAY_WALL_BPF_H

#include "state.bpf.h"

/* Without branches, each of which the verifier would follow through all that comes after: 1 where there is a bit. */
static __always_inline u64 is_any(u64 bits)
{
	u64 negative = -bits;

	barrier_var(negative); /* clang would see through it */
	return (bits | negative) >> 63;
}

static __always_inline u64 at_most(u64 number, u64 most)
{
	u64 room = most - number;

	barrier_var(room);
	return number - (room >> 63) * (number - most);
}

static __always_inline u64 not_negative(s64 number)
{
	return number & ~(number >> 63);
}

/* Of times, which lie near one another. */
static __always_inline u64 at_least(u64 time, u64 least)
{
	return time + not_negative(least - time);
}

/* 1 where `number` needs more than these bits. */
static __always_inline u64 exceeds(u64 number, u32 bits)
{
	u64 room = (1ULL << bits) - 1 - number;

	barrier_var(room);
	return room >> 63;
}

#define HIGH_CPU 1ULL
#define WALL_ON_CPU 0xffffULL
#define HIGH_STARVED (1ULL << 16)
#define HIGH_IO (1ULL << 40)
#define LOW_EVENT 1ULL
#define LOW_LOCK (1ULL << 32)

/* What a thread of a class adds to `high` and `low`, and the state of a process all of whose threads are of it. A
 * table, since the verifier follows every branch. */
struct class_part {
	u64 high;
	u64 low;
	u64 bucket;
	u64 pad;
};

static const struct class_part class_parts[16] __attribute__((aligned(64))) = {
	[CLASS_IDLE] = {.bucket = WALL_IDLE},
	[CLASS_LOCK] = {.bucket = WALL_LOCK, .low = LOW_LOCK},
	[CLASS_EVENT] = {.bucket = WALL_EVENT, .low = LOW_EVENT},
	[CLASS_IO] = {.bucket = WALL_IO, .high = HIGH_IO},
	[CLASS_STARVED] = {.bucket = WALL_STARVED, .high = HIGH_STARVED},
	[CLASS_CPU] = {.bucket = WALL_RUNNING, .high = HIGH_CPU},
};

/* The state by the classes that are there: bit 0 for locks, then events, I/O, the run queue. */
const __u8 bucket_of[16] = {
	WALL_IDLE,    WALL_LOCK,    WALL_EVENT,	  WALL_EVENT,	WALL_IO,      WALL_IO,	    WALL_IO,	  WALL_IO,
	WALL_STARVED, WALL_STARVED, WALL_STARVED, WALL_STARVED, WALL_STARVED, WALL_STARVED, WALL_STARVED, WALL_STARVED,
};

static __always_inline u32 wall_bucket(u64 high, u64 low)
{
	u64 running = high & 0xffff, others = is_any(high >> 16 & 0xffffff) << 3 | is_any(high >> 40) << 2;
	u64 bucket;

	others |= is_any(low & 0xffffffff) << 1 | is_any(low >> 32);
	bucket = bucket_of[forget_bits(others) & 15];
	return bucket + is_any(running) * (WALL_RUNNING - 1 + at_most(running, WIRE_PARALLEL) - bucket);
}

static __always_inline u32 class_of(u32 state)
{
	return state >> 8 & 15;
}

static __always_inline u32 blocked_for(u32 reason)
{
	return THREAD_BLOCKED | reason_class[reason & (WIRE_REASONS - 1)] << 8 | reason;
}

/* A thread goes from one class to another. A context switch between two threads of a process is one such step of its
 * wall clock, from the class of who comes to that of who leaves, not two with a false stop between them.
 *
 * The old value of `high` names the state that just ended, so racing CPUs each close a different stretch; the exchange
 * of `since_ns` makes lengths telescope, and they are added with their sign, so the buckets sum to the elapsed time
 * whatever the order. A CPU that comes with an older time than was seen already adds nothing. `low` only matters while
 * `high` is 0; it grows before `high` shrinks and shrinks after it grew, so that no false idle shows. */
static __always_inline void wall_move(struct wall *wall, u32 from_class, u32 to_class, u64 now)
{
	const struct class_part *from = &class_parts[from_class & 15], *to = &class_parts[to_class & 15];
	u64 delta = to->high - from->high, low, high, length;
	u32 old_bucket, new_bucket;

	if (!delta && to->low == from->low)
		return;
	low = READ_ONCE(wall->low);
	if (to->low)
		__sync_fetch_and_add(&wall->low, to->low);
	high = __sync_fetch_and_add(&wall->high, delta);
	if (from->low)
		__sync_fetch_and_add(&wall->low, -from->low);
	if (high & WALL_ON_CPU && !(delta & WALL_ON_CPU)) /* as many are running as before */
		return;

	old_bucket = wall_bucket(high, low);
	new_bucket = wall_bucket(high + delta, low + to->low - from->low);
	if (old_bucket == new_bucket || old_bucket >= WIRE_WALL || now <= READ_ONCE(wall->since_ns))
		return;
	length = now - __sync_lock_test_and_set(&wall->since_ns, now);
	__sync_fetch_and_add(&wall->bucket_ns[old_bucket], length);
}

/* Time in which nobody ran, as far as closed stretches tell. */
static __always_inline u64 wall_other_ns(const struct wall *wall)
{
	u64 ns = 0;

	for (int i = 0; i < WALL_RUNNING; i++)
		ns += wall->bucket_ns[i];
	return ns;
}

/* Time with a thread on a CPU, up to now. */
static __always_inline u64 wall_cpu_ns(const struct wall *wall, u64 now)
{
	u64 since = READ_ONCE(wall->since_ns), closed = since - wall->start_ns - wall_other_ns(wall);

	return READ_ONCE(wall->high) & 0xffff && now > since ? closed + now - since : closed;
}

/* Time in which nobody ran and nobody waited for I/O. */
static __always_inline u64 wall_idle_ns(const struct wall *wall)
{
	return wall->bucket_ns[WALL_IDLE] + wall->bucket_ns[WALL_LOCK];
}

/* Its one thread changes class only where the scheduler's locks put that in order: as it forks, waits or runs, and as
 * it is woken while it waits. Nothing needs to be atomic then, and its class names the state that ends. But a seeding
 * pass is in nobody's order. */
static __always_inline bool is_alone(const struct process_rec *process)
{
	return !process->shared && !READ_ONCE(seeding);
}

static __always_inline void wall_step(struct wall *wall, u32 from_class, u32 to_class, u64 now)
{
	const struct class_part *from = &class_parts[from_class & 15], *to = &class_parts[to_class & 15];

	wall->high = to->high;
	wall->low = to->low;
	if (from->bucket == to->bucket || from->bucket >= WIRE_WALL || now <= wall->since_ns)
		return;
	wall->bucket_ns[from->bucket] += now - wall->since_ns;
	WRITE_ONCE(wall->since_ns, now);
}

/* wall_move(), for all who are not on the way of each switch of a process of one thread. This and other functions that
 * take nothing of the kernel's are global, so that the verifier looks at each once and not once for each way to it. */
int wall_moves(struct wall *wall, u32 from_class, u32 to_class, u64 now)
{
	if (wall)
		wall_move(wall, from_class, to_class, now);
	return 0;
}

static __always_inline void process_wall_move(struct process_rec *process, u32 from, u32 to, u64 now)
{
	if (is_alone(process))
		wall_step(&process->wall, class_of(from), class_of(to), now);
	else
		wall_moves(&process->wall, class_of(from), class_of(to), now);
}

/* The thread's process and the group both see the change of state. */
static __always_inline void move_state(struct process_rec *process, u32 from, u32 to, u64 now)
{
	process_wall_move(process, from, to, now);
	wall_moves(&group.wall, class_of(from), class_of(to), now);
}

#endif
