/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one home of every struct and enum that crosses the border between kernel and user space. */
#ifndef CTXRAY_WIRE_H
#define CTXRAY_WIRE_H

/* Valid C11 (clang -target bpf) and C++20. Fixed-width fields, explicit padding, sizes asserted.
 * All times are CLOCK_MONOTONIC nanoseconds (bpf_ktime_get_ns). Counters only rise. */

#include <linux/types.h>

#ifdef __cplusplus
#define WIRE_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#else
#define WIRE_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#endif

enum wire_limits {
	WIRE_WAITS = 16,    /* room for wait reasons; the first WAIT_COUNT are used */
	WIRE_HIST = 40,	    /* log2 buckets of nanoseconds; the last also holds all above */
	WIRE_PARALLEL = 64, /* running threads told apart; the last also holds all above */
	WIRE_WALL = 5 + WIRE_PARALLEL,
	WIRE_COMM = 16,	       /* TASK_COMM_LEN */
	WIRE_ARGS = 128,       /* start of the command line, arguments ended by NUL */
	WIRE_SYSCALLS = 512,   /* system calls told apart by number; the last holds all above */
	WIRE_IRQ_LINES = 1024, /* interrupt lines told apart; the last holds all above */
	WIRE_VECTORS = 16,     /* x86 vectors that are not lines, enum irq_vector */
	WIRE_SOFTIRQS = 16,    /* soft interrupt vectors */
	WIRE_IRQS = WIRE_IRQ_LINES + WIRE_VECTORS + WIRE_SOFTIRQS,
	WIRE_RING_BYTES = 1 << 20, /* of messages */
	WIRE_OVERFLOW_SLOT = 0,	   /* process record shared by all that found no free one */
};

/* Why a thread is blocked. Append only. */
enum wait_reason {
	WAIT_OTHER,
	WAIT_DISK,
	WAIT_NETWORK,
	WAIT_PIPE,
	WAIT_TERMINAL,
	WAIT_EVENT,
	WAIT_ASYNC,
	WAIT_LOCK,
	WAIT_PARKED,
	WAIT_SLEEP,
	WAIT_CHILD,
	WAIT_PAGE_FAULT,
	WAIT_SIGNAL,
	WAIT_FILE_LOCK,
	WAIT_COUNT,
};

/* What a system call says about a wait in it; user space fills the table. A reason as it stands may be
 * overruled by the kernel's in_iowait mark (a disk wait); with CALL_FINAL it may not. */
enum call_class {
	CALL_FD = 0x40,	   /* ask the file behind the first argument */
	CALL_FUTEX = 0x41, /* ask the futex operation */
	CALL_FINAL = 0x80,
};

/* Wall-clock classes of a thread, in rising order of precedence. CLASS_NONE is not counted at all. */
enum wall_class {
	CLASS_NONE,
	CLASS_IDLE,
	CLASS_LOCK,
	CLASS_EVENT,
	CLASS_IO,
	CLASS_STARVED,
	CLASS_CPU,
};

/* Wall-clock buckets; bucket WALL_RUNNING + k - 1 is the time with k threads running. */
enum wall_bucket { WALL_IDLE, WALL_LOCK, WALL_EVENT, WALL_IO, WALL_STARVED, WALL_RUNNING };

/* State of a thread. Below THREAD_ON_CPU it is not accounted. */
enum thread_state {
	THREAD_NEW = 0,	  /* record being filled */
	THREAD_ARMED = 1, /* accounted from its next wakeup or exec on */
	THREAD_DEAD = 2,  /* totals are folded into its process */
	THREAD_ON_CPU = 8,
	THREAD_RUN_QUEUE = 9,
	THREAD_BLOCKED = 0x100, /* | enum wait_reason */
};

/* What a run of the seeding iterator is for. */
enum seed_mode {
	SEED_TARGETS, /* account the targets from now on */
	SEED_ARM,     /* account the target from when it is let go */
	SEED_WARM_UP, /* fill this CPU's reserve of records, which begins almost empty */
};

/* Who woke a thread. */
enum waker_kind { WAKER_TASK, WAKER_SOFTIRQ, WAKER_IRQ, WAKER_TIMER, WAKER_UNKNOWN };

/* x86 interrupts that have no line. */
enum irq_vector {
	VECTOR_LOCAL_TIMER,
	VECTOR_RESCHEDULE,
	VECTOR_CALL_FUNCTION,
	VECTOR_CALL_FUNCTION_SINGLE,
	VECTOR_IRQ_WORK,
	VECTOR_COUNT,
};

/* Packed counts of a process's threads by class, and the time that it spent in each wall-clock state.
 * Sum of bucket_ns == since_ns - start_ns whenever no update is under way. */
struct wall {
	__u64 high;	/* on CPU : 16 | run queue : 24 | I/O : 24, from the lowest bit */
	__u64 low;	/* event : 32 | lock : 32 */
	__u64 start_ns; /* beginning of accounting */
	__u64 since_ns; /* last change of bucket */
	__u64 bucket_ns[WIRE_WALL];
};
WIRE_SIZE(struct wall, 32 + 8 * 69);

struct wait_total {
	__u64 count; /* ended waits */
	__u64 total_ns;
	__u64 max_ns;
};
WIRE_SIZE(struct wait_total, 24);

/* Sums over what has ended; the interval under way is added by the reader. */
struct thread_totals {
	__u64 lifetime_ns; /* filled when the thread ends */
	__u64 on_cpu_ns;
	__u64 run_queue_ns;
	__u64 wakeup_latency_ns; /* part of run_queue_ns: until an idle CPU took it up */
	__u64 voluntary;
	__u64 involuntary;
	__u64 switch_process;
	__u64 switch_thread;
	__u64 switch_resume;
	__u64 missed_switches; /* the kernel counted them, no probe saw them */
	__u64 inferred;	       /* switches in and wakeups that no probe saw, timed by the kernel's own counters */
	__u64 event_timeouts;  /* event waits ended by a timer, also counted under WAIT_EVENT */
	__u64 event_timeout_ns;
	__u64 hard_count; /* interrupts that took the CPU from it */
	__u64 hard_ns;
	__u64 soft_count;
	__u64 soft_ns;
	struct wait_total waits[WIRE_WAITS];
};
WIRE_SIZE(struct thread_totals, 17 * 8 + 16 * 24);

/* One thread, in task storage. Only the CPU that switches the thread writes it, but for state and wake_ns,
 * which its waker writes too. `seq` is odd while a write is under way. */
struct thread_rec {
	__u32 seq;
	__u32 state;   /* enum thread_state */
	__u32 slot;    /* its process, index into the map of processes */
	__u32 syscall; /* of the wait, ~0: none */
	__u64 last_ns; /* last switch in or out */
	__u64 wake_ns; /* last wakeup */
	__u64 nvcsw;   /* the kernel's counts at the last switch out */
	__u64 nivcsw;
	__u64 exec_ns;	/* the kernel's sum of its run time at the last switch out, se.sum_exec_runtime */
	__u64 start_ns; /* beginning of accounting */
	__u8 waiting;	/* the interval off the CPU began with a wait: */
	__u8 reason;	/* for this, enum wait_reason */
	__u8 waker;	/* enum waker_kind of the last wakeup */
	__u8 seeded;	/* state was read from the kernel; no switch was seen since */
	__u32 tid;	/* in the reader's pid namespace */
	struct thread_totals totals;
};
WIRE_SIZE(struct thread_rec, 72 + 520);

/* One process. Slot WIRE_OVERFLOW_SLOT serves all that found no slot free. */
struct process_rec {
	__u32 pid; /* in the reader's pid namespace */
	__u32 ppid;
	__u32 live; /* threads accounted now */
	__u32 threads_seen;
	__u64 folds_begun; /* threads whose totals were (are being) added to `ended` */
	__u64 folds_done;
	__u64 end_ns;	    /* last thread's end, 0: alive */
	__u32 cpus_allowed; /* of its first thread */
	__u32 kernel_thread;
	char comm[WIRE_COMM];
	char args[WIRE_ARGS];
	struct wall wall;
	struct thread_totals ended;	   /* threads that are gone */
	__u64 hist[WIRE_WAITS][WIRE_HIST]; /* ended waits by log2 of their length */
};
WIRE_SIZE(struct process_rec, 48 + 16 + 128 + 584 + 520 + 16 * 40 * 8);

/* What the snapshot iterator emits for each accounted thread. */
struct thread_sample {
	__u64 now_ns;
	__u32 cpus_allowed;
	__u32 pad;
	char comm[WIRE_COMM];
	struct thread_rec rec;
};
WIRE_SIZE(struct thread_sample, 32 + 592);

struct irq_total {
	__u64 count;
	__u64 total_ns;
	__u64 first_action; /* address of the handler that stands for a shared line */
};
WIRE_SIZE(struct irq_total, 24);

struct syscall_total {
	__u64 count;
	__u64 errors;
	__u64 eagain;
};
WIRE_SIZE(struct syscall_total, 24);

/* The followed group as a whole, and all that was lost. */
struct group {
	struct wall wall;
	__u64 live; /* threads accounted now */
	__u64 threads_seen;
	__u64 processes_seen;
	__u64 end_ns;	      /* end of the thread that ended last */
	__u64 storage_failed; /* thread records that could not be created */
	__u64 slots_full;     /* processes that share the overflow slot */
	__u64 exits_lost;     /* details of ended threads that found the ring full */
	__u64 bad_slot;	      /* records that named no process; never yet seen */
};
WIRE_SIZE(struct group, 584 + 64);

/* Ring messages: the detail of a thread that ended, or "nobody is left". */
enum message_kind { MESSAGE_THREAD_ENDED = 1, MESSAGE_GROUP_ENDED = 2 };

struct message {
	__u32 kind;
	__u32 pid; /* of its process */
	__u64 process_start_ns;
	struct thread_sample thread;
};
WIRE_SIZE(struct message, 16 + 624);

#endif
