/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps, the settings given by user space and the globals that every program shares. */
#ifndef CTXRAY_STATE_BPF_H
#define CTXRAY_STATE_BPF_H

#include "thread_map.bpf.h"

/* Settings; fixed before loading, so the verifier drops what is off. */
const volatile bool follow = true;	/* new threads and forks of accounted threads, and existing children */
const volatile bool everything = false; /* every task of the machine */
const volatile bool only_own = false;	/* of these, only tasks of own_uid and own_gid: see may_show() */
const volatile __u32 own_uid = 0;
const volatile __u32 own_gid = 0;
const volatile __u32 records = 1;		/* entries of `threads` */
const volatile __u32 slots = 1;			/* entries of `processes` */
const volatile bool counts_cpus = false;	/* `cpus` is kept */
const volatile bool counts_calls = true;	/* system calls are probed */
const volatile bool samples_calls = false;	/* in slices of time */
const volatile bool sees_request_start = false; /* block_io_start is there */
const volatile __u32 request_sets = 1;		/* of `requests` */
const volatile __u8 call_class[WIRE_CALLS] = {};
const volatile __u8 call_role[WIRE_CALLS] = {};
const volatile __u8 reason_class[WIRE_REASONS] = {}; /* wait_reason -> wall_class */
const volatile __u8 file_reason[WIRE_REASONS] = {};  /* file_kind -> wait_reason */

struct group group __attribute__((aligned(64))) = {}; /* its wall clock in a line of the cache */
__u32 records_used;	 /* ever, beside the first; when all were, `free_records` has those that came back */
__u32 slots_used;	 /* ever, beside the overflow slot; when all were, `free_slots` has those that came back */
__u32 pid_level;	 /* of the reader's pid namespace */
__u32 seed_mode;	 /* enum seed_mode, of the seeding pass under way */
__u64 quiet_since;	 /* threads that slept from then on are told in brief by the next snapshot; 0: none is */
__u32 seeded;		 /* threads that the last seeding pass added or corrected */
__u32 call_weight = 1;	 /* system calls that one stands for */
__u32 soft_weight = 1;	 /* soft interrupts that one stands for which was measured */
__u32 may_find_softs;	 /* the kernel's own counters of soft interrupts can be used: see soft.bpf.h */
__u64 softirqs_distance; /* of a CPU's counters of soft interrupts from its run queue; 0: not known */
__u64 preempt_distance;	 /* and of its count of what keeps it from being preempted */
__u16 call_slice;	 /* number of the slice of time in which they are probed, or were last */
__u32 seeding;		 /* passes are under way: see is_alone() */
__u32 shed;		 /* bits of enum shed_bit */
__u64 registers;	 /* address of some thread's saved registers */
__u64 registers_at;	 /* offset of the saved registers from the lowest address of a thread's stack */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct process_rec);
} processes SEC(".maps");

/* Slots that user space has read and cleared after their process ended. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
} free_slots SEC(".maps");

/* Slots of processes that ended, for user space to read. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
} ended_slots SEC(".maps");

/* Pids (in the reader's namespace) to seed; a thread's tid stands for that thread alone. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u8);
} targets SEC(".maps");

/* Interrupts and system calls: one row of entries per CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct irq_total);
} irqs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct syscall_total);
} syscalls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_total);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_SITES);
	__type(key, struct site_key);
	__type(value, struct site);
} sites SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct request_set);
} requests SEC(".maps");

/* How often a vector comes on a CPU: see soft_entry(). */
struct soft_rate {
	u64 timed_ns; /* when the last one that was measured ended */
	u32 every;    /* so many to one that is measured; 0: not known yet */
	u32 seen;     /* since then */
};

/* What each CPU is in the middle of. */
struct cpu_state {
	u64 run_queue;	       /* address of its struct rq; 0: not known yet */
	u64 distance;	       /* of its clock from ours, and the following: see switch_time() */
	u64 distance_measured; /* the last time, */
	u64 distance_clock;    /* which was then, by the run queue's clock */
	u64 distance_holds;
	u64 hard_ns;	 /* start of the hard interrupt, 0: not in one */
	u64 soft_ns;	 /* start of the soft interrupt, 0: not in one, SOFT_UNTIMED: in one that is not measured */
	u64 softirqs;	 /* address of the kernel's counters of soft interrupts, 0: not known */
	u32 soft_untold; /* soft interrupts that ended and are not in the account of the thread that had the CPU */
	u32 softs_told;	 /* see take_untold() */
	u32 soft_vector;
	u32 timer;	    /* the hard interrupt is a timer's */
	u64 soft_nested_ns; /* hard interrupts on top of the soft one */
	u64 preempt_count;  /* address of what says whether a soft interrupt is served */
	u32 others_at_tick; /* see serves_timer() */
	u32 timers_at_tick;
	u64 complete_ns;       /* last completion of a target's block request, */
	u64 complete_id;       /* and the task that did it outside of interrupts, bpf_get_current_pid_tgid(); 0: none */
	u32 softs_at_complete; /* see completed_meanwhile() */
	u32 pad;
	struct soft_rate network[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_state);
} cpu_states SEC(".maps");

/* Room to put things together that are too large for the stack: the last switch of a thread may preempt a
 * snapshot, so each has its own. */
enum scratch_user { SCRATCH_MESSAGE, SCRATCH_SNAPSHOT, SCRATCH_USERS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCH_USERS);
	__type(key, u32);
	__type(value, struct message);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct site);
} site_room SEC(".maps");

static __always_inline struct message *scratch_for(u32 user)
{
	return bpf_map_lookup_elem(&scratch, &user);
}

/* The verifier follows each value that it knows a constant for through all that comes after. It knows nothing of what
 * comes from here, which stays the same. */
__u32 unknown_zero;

static __always_inline u32 forget(u32 value)
{
	return value ^ READ_ONCE(unknown_zero);
}

/* clang knows which bits a number put together by OR can have, and leaves out a mask that changes nothing. Some
 * kernels' verifiers, that of 6.1 for one, know nothing of an OR of unknowns and want the mask. */
#define forget_bits(number)                                                                                            \
	({                                                                                                             \
		typeof(number) __number = (number);                                                                    \
		barrier_var(__number);                                                                                 \
		__number;                                                                                              \
	})

/* Of an entry of an array, the first excepted: one that came back, or one that was never used. 0: none is left. */
static __always_inline u32 take_index(void *came_back, u32 *used, u32 entries)
{
	u32 index;

	if (!bpf_map_pop_elem(came_back, &index))
		return index;
	if (READ_ONCE(*used) >= entries - 1)
		return 0;
	index = __sync_fetch_and_add(used, 1) + 1;
	return index < entries ? index : 0;
}

static __always_inline struct process_rec *process_at(u32 slot)
{
	struct process_rec *process = bpf_map_lookup_elem(&processes, &slot);

	if (!process)
		group.bad_slot++;
	return process;
}

static __always_inline struct cpu_state *this_cpu(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&cpu_states, &zero);
}

#endif
