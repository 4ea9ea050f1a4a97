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
	WIRE_WAITS = 18,       /* room for wait reasons; the first WAIT_COUNT are used */
	WIRE_REASONS = 32,     /* tables by wait reason: a power of two */
	WIRE_HIST = 40,	       /* log2 buckets of nanoseconds; the last also holds all above */
	WIRE_THREAD_HISTS = 4, /* wait reasons for which a thread keeps a histogram: those it met first */
	WIRE_PARALLEL = 64,    /* running threads told apart; the last also holds all above */
	WIRE_WALL = 5 + WIRE_PARALLEL,
	WIRE_COMM = 16,		     /* TASK_COMM_LEN */
	WIRE_ARGS = 128,	     /* start of the command line, arguments ended by NUL */
	WIRE_SYSCALLS = 512,	     /* system calls told apart by number; the last holds all above */
	WIRE_COMPAT = WIRE_SYSCALLS, /* added to the number of a 32-bit call, which means something else */
	WIRE_CALLS = 2 * WIRE_SYSCALLS,
	WIRE_RUNS = 4,	       /* places where a thread waited last: a power of two */
	WIRE_FDS = 4,	       /* files that a thread remembers the kinds of: a power of two */
	WIRE_SITES = 8192,     /* places where targets wait, told apart */
	WIRE_REQUESTS = 16384, /* block requests of targets in flight */
	WIRE_WAYS = 8,	       /* in a set of them: a power of two, one line of the cache of addresses */
	WIRE_NAME = 32,	       /* of a file, the end of it cut off */
	WIRE_IRQ_LINES = 1024, /* interrupt lines told apart; the last holds all above */
	WIRE_VECTORS = 16,     /* x86 vectors that are not lines, enum irq_vector */
	WIRE_SOFTIRQS = 16,    /* soft interrupt vectors */
	WIRE_IRQS = WIRE_IRQ_LINES + WIRE_VECTORS + WIRE_SOFTIRQS,
	WIRE_RING_BYTES = 1 << 20, /* of messages */
	WIRE_RUNTIMES = 16,	   /* runtimes of coroutines, those of the user's own included: a power of two */
	WIRE_CALLER = 16,	   /* beginning of the name of a file that calls into one, NUL included */
	WIRE_RUNTIME_ASKS = 4,	   /* an interpreter may be loaded late */
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
	WAIT_JOIN,
	WAIT_REQUEST, /* of a server, for what its clients send: accept, or a read from an accepted connection */
	WAIT_GIL,     /* for the lock of a language's interpreter */
	WAIT_COUNT,
};

/* What a system call says about a wait in it; user space fills the table. A reason as it stands may be
 * overruled by the kernel's in_iowait mark (a disk wait); with CALL_FINAL it may not. */
enum call_class {
	CALL_ASK = 0x20,
	CALL_FD = CALL_ASK,   /* ask the file behind the first argument */
	CALL_FD_WRITE,	      /* the same, to send: no wait for a request */
	CALL_SPLICE,	      /* the same, or the file behind the third argument where the first is no pipe or socket */
	CALL_FUTEX,	      /* ask the futex operation */
	CALL_RESTART,	      /* goes on with the call before it */
	CALL_NAMES_FD = 0x40, /* its first argument is the file that it waits for */
	CALL_FINAL = 0x80,
};

/* What a system call does, for the I/O model; user space fills the table. */
enum call_role {
	ROLE_NONE,
	ROLE_IO,	/* moves data through the file of its first argument */
	ROLE_MULTIPLEX, /* select, poll, epoll: returns the number of files that are ready */
	ROLE_SUBMIT,	/* asynchronous I/O: returns the number of requests taken */
	ROLE_CLOSE,
};

/* What an event wait was for, as seen from what ended it and from the file that the thread then turned to. */
enum event_end {
	EVENT_TIMEOUT, /* a timer ended it */
	EVENT_NETWORK,
	EVENT_REQUEST,
	EVENT_PIPE,
	EVENT_TERMINAL,
	EVENT_SIGNAL, /* another thread (an eventfd) or a signal */
	EVENT_COUNT,
};

/* What a file descriptor stands for. */
enum file_kind {
	FILE_UNKNOWN,
	FILE_REGULAR,
	FILE_DIRECTORY,
	FILE_BLOCK_DEVICE,
	FILE_CHARACTER_DEVICE,
	FILE_TERMINAL,
	FILE_PIPE,
	FILE_TCP,	 /* or another stream or datagram from host to host, opened by this side */
	FILE_TCP_SERVER, /* listening, accepted, or bound and waiting for anybody */
	FILE_UNIX,
	FILE_UNIX_SERVER,
	FILE_NETLINK,
	FILE_EPOLL,
	FILE_EVENTFD,
	FILE_TIMERFD,
	FILE_SIGNALFD,
	FILE_INOTIFY,
	FILE_IO_URING,
	FILE_ANONYMOUS, /* any other without a name */
	FILE_KINDS,
};

/* Kinds of transfer counted apart in struct call_counts. */
enum transfer_kind {
	TRANSFER_FILE,
	TRANSFER_NETWORK,
	TRANSFER_PIPE,
	TRANSFER_TERMINAL,
	TRANSFER_OTHER,
	TRANSFER_COUNT
};

/* What user space found out about the language that a process runs. */
enum runtime_kind {
	RUNTIME_UNKNOWN,
	RUNTIME_OTHER,	       /* none with a lock of its own */
	RUNTIME_PYTHON,	       /* CPython: its lock is known */
	RUNTIME_PYTHON_UNTOLD, /* CPython whose lock cannot be told from others, or which has none */
	RUNTIME_COUNT,
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

/* State of a thread. Below THREAD_ON_CPU it is not accounted. Its enum wall_class is in bits 8 to 11. */
enum thread_state {
	THREAD_NEW = 0,	  /* record being filled */
	THREAD_ARMED = 1, /* accounted from its next wakeup or exec on */
	THREAD_DEAD = 2,  /* totals are folded into its process */
	THREAD_ON_CPU = 0x10000 | CLASS_CPU << 8,
	THREAD_RUN_QUEUE = 0x20000 | CLASS_STARVED << 8,
	THREAD_BLOCKED = 0x40000, /* | class | enum wait_reason */
};

/* What a run of the seeding iterator is for. */
enum seed_mode {
	SEED_TARGETS, /* account the targets from now on */
	SEED_ARM,     /* account the target from when it is let go */
};

/* What is not kept any more, to save time. */
enum shed_bit { SHED_WAKERS = 1, SHED_PLACES = 2 };

/* Who woke a thread. */
enum waker_kind { WAKER_TASK, WAKER_SOFTIRQ, WAKER_IRQ, WAKER_TIMER, WAKER_UNKNOWN, WAKER_COUNT };

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
	__u64 start_ns; /* beginning of accounting */
	__u64 low;	/* event : 32 | lock : 32 */
	__u64 high;	/* on CPU : 16 | run queue : 24 | I/O : 24, from the lowest bit */
	__u64 since_ns; /* last change of bucket */
	__u64 bucket_ns[WIRE_WALL];
};
WIRE_SIZE(struct wall, 32 + 8 * 69);

/* Waits for one reason. */
struct wait_total {
	__u64 count; /* ended */
	__u64 total_ns;
	__u64 max_ns;
	__u32 hist; /* of a thread: 1 + index of its histogram; 0: none */
	__u32 pad;
};
WIRE_SIZE(struct wait_total, 32);

struct tally {
	__u64 count;
	__u64 total_ns;
};
WIRE_SIZE(struct tally, 16);

/* What the calls of a thread did, for the I/O model. Kept by the system call probe. */
struct call_counts {
	__u64 all;
	__u64 transfers[TRANSFER_COUNT]; /* calls that moved data, by the kind of their file */
	__u64 bytes[TRANSFER_COUNT];
	__u64 would_block;	/* I/O calls that ended in EAGAIN */
	__u64 multiplex;	/* select, poll, epoll */
	__u64 multiplex_events; /* sum of what they returned */
	__u64 multiplex_empty;	/* of them, returned nothing */
	__u64 submits;		/* calls that submitted asynchronous requests */
	__u64 submitted;	/* requests */
};
WIRE_SIZE(struct call_counts, 17 * 8);

/* Sums over what has ended; the interval under way is added by the reader. All are 64 bits wide, so that they can be
 * added up as an array. */
struct thread_sums {
	__u64 on_cpu_ns;
	__u64 run_queue_ns;
	__u64 wakeup_latency_ns; /* part of run_queue_ns: until an idle CPU, or its waker's, was free for it */
	__u64 voluntary;
	__u64 involuntary;
	__u64 switch_process;
	__u64 switch_thread;
	__u64 switch_resume;
	__u64 lifetime_ns;     /* filled when the thread ends */
	__u64 missed_switches; /* the kernel counted them, no probe saw them */
	__u64 inferred;	       /* switches in and wakeups that no probe saw, timed by the kernel's own counters */
	__u64 user_ns;	       /* the kernel's sample of where its CPU time went; filled when the thread ends */
	__u64 system_ns;
	__u64 idle_lock_ns; /* lock waits that showed only at their end, as far as the process's clock called them idle
			     */
	__u64 hard_count;   /* interrupts that took the CPU from it */
	__u64 hard_ns;
	__u64 soft_count;
	__u64 soft_ns;
	struct tally events[EVENT_COUNT]; /* parts of the event waits; the rest is not known */
	struct call_counts calls;
};
WIRE_SIZE(struct thread_sums, 18 * 8 + 6 * 16 + 17 * 8);

struct thread_totals {
	struct thread_sums sums;
	__u64 pad;
	struct wait_total waits[WIRE_WAITS];
};
WIRE_SIZE(struct thread_totals, 376 + 8 + 18 * 32);

/* What a thread waits for. */
struct wait {
	__u32 reason;  /* enum wait_reason */
	__u32 syscall; /* with WIRE_COMPAT for 32-bit calls; ~0: none */
	__u64 object;  /* a file descriptor, a futex's address, or WIRE_NO_OBJECT */
};
WIRE_SIZE(struct wait, 16);

#define WIRE_NO_OBJECT (~0ULL)

/* A futex that a thread has waited for. */
struct futex_memory {
	__u64 address;
	__u64 end_ns; /* of the wait; 0: not yet */
};
WIRE_SIZE(struct futex_memory, 16);

/* A place where the threads of a process wait. */
struct site_key {
	__u32 slot;
	__u16 syscall; /* with WIRE_COMPAT for 32-bit calls; 0xffff: none */
	__u8 reason;
	__u8 pad;
	__u64 object; /* a file descriptor, a futex's address, or WIRE_NO_OBJECT */
};
WIRE_SIZE(struct site_key, 16);

/* Waits of a thread at a place that are not in the place's totals yet: they are added when it waits elsewhere. */
struct site_run {
	struct site_key key;
	__u32 count;		       /* 0: the rest means nothing */
	__u32 ended_by[WAKER_UNKNOWN]; /* the rest of `count`: it is not known by whom */
	__u32 waker_votes;
	__u64 total_ns;
	__u64 max_ns;
	__u64 waker; /* as in struct site */
};
WIRE_SIZE(struct site_run, 16 + 24 + 24);

/* One thread. Only the CPU that switches the thread writes it, but for state and what its waker knows, which the waker
 * writes. `seq` is odd while a write is under way.
 *
 * What each switch touches comes first, by lines of the cache: most of what a switch costs is waiting for these. The
 * size is an odd number of lines, so that records do not compete for the same ones. */
struct thread_rec {
	__u64 task; /* address of its struct task_struct, 0: the record is free; not given out */
	__u32 seq;
	__u32 state;   /* enum thread_state */
	__u32 slot;    /* its process, index into the map of processes */
	__u32 tid;     /* in the reader's pid namespace */
	__u64 last_ns; /* last switch in or out */
	__u64 wake_ns; /* last wakeup */
	__u64 nvcsw;   /* the kernel's counts at the last switch out */
	__u64 nivcsw;
	__u64 exec_ns; /* the kernel's sum of its run time at the last switch out, se.sum_exec_runtime */

	__u8 waiting; /* the interval off the CPU began with a wait: */
	__u8 reason;  /* for this, enum wait_reason */
	__u8 seeded;  /* state was read from the kernel; no switch was seen since */
	__u8 run;     /* index of the latest in `runs` */
	__u8 hists_used;
	__u8 skip_call; /* the call that ends next began before accounting */
	/* Written by its waker, with wake_tid and the following two: */
	__u8 waker;	   /* enum waker_kind */
	__u8 refined;	   /* enum wait_reason that the wakeup proves, 0: none */
	__u32 syscall;	   /* of the wait, ~0: none */
	__u32 wake_tid;	   /* who had the CPU that the wakeup came from, in the kernel's own numbers */
	__u64 waker_id;	   /* the same with its process, pid << 32 | tid, where the waker is a task */
	__u64 complete_ns; /* completion of the block request that ended the wait */
	__u64 object;	   /* of the wait: a file descriptor, a futex's address, or WIRE_NO_OBJECT */
	__u64 wait_ns;	   /* length of the last wait that ended */
	struct wait call;  /* last wait in a system call that was not a restarted one */

	struct thread_totals totals;
	struct site_run runs[WIRE_RUNS];
	__u32 hist[WIRE_THREAD_HISTS][WIRE_HIST]; /* ended waits by log2 of their length */

	__u64 waker_task;   /* where the waker is a task: pid << 32 | tid in the reader's pid namespace */
	__u64 start_ns;	    /* beginning of accounting */
	__u64 user_base_ns; /* the kernel's utime and stime then */
	__u64 system_base_ns;
	struct futex_memory futexes[2]; /* semaphores and the like that it waited for last, the latest first */
	__u64 idle_mark_ns;		/* how long its process had been idle when the last of these waits began */
	__u64 idle_ns;		 /* for how long its process was idle during the wait, where `refined` says lock */
	__u32 io_fds[WIRE_FDS];	 /* files of transfers, by the lowest bits of their number; ~0: none */
	__u8 io_kinds[WIRE_FDS]; /* enum file_kind of each */
	__u16 io_slice;		 /* slice of time that the files are of */
	__u16 event_slice;	 /* and the following: */
	__u64 event_ns;		 /* last event wait, if it is not known yet what it was for */
	__u64 pad[2];
};
WIRE_SIZE(struct thread_rec, 64 + 64 + 960 + 4 * 64 + 640 + 32 + 48 + 48);

/* Where the records of threads are, by their numbers in the kernel's own pid namespace: a line of the cache. */
#define WIRE_NUMBERS 16
struct thread_row {
	__u32 record[WIRE_NUMBERS]; /* 0: none */
};
WIRE_SIZE(struct thread_row, 64);

/* What a process had of the block devices. Device time is summed over requests, so it can exceed the elapsed time. */
struct block_totals {
	__u64 requests; /* completed */
	__u64 writes;	/* of them */
	__u64 bytes;
	__u64 queue_ns;	     /* begun, until given to the device */
	__u64 device_ns;     /* until the device was done */
	__u64 overlapped_ns; /* part of device_ns in which the process had a thread on a CPU */
	__u64 wakeups;	     /* disk waits that a completion ended: */
	__u64 completion_ns; /* from the completion to the wakeup */
	__u64 run_queue_ns;  /* from the wakeup to running again */
};
WIRE_SIZE(struct block_totals, 72);

/* One process. Slot WIRE_OVERFLOW_SLOT serves all that found no slot free. */
struct process_rec {
	__u32 pid; /* in the reader's pid namespace */
	__u32 ppid;
	__u32 threads_seen;
	__u32 cpus_allowed; /* of its first thread */
	__u64 folds_begun;  /* threads whose totals were (are being) added to `ended` */
	__u64 folds_done;
	__u64 end_ns;	    /* last thread's end, 0: alive */
	__u32 live;	    /* threads accounted now */
	__u32 shared;	    /* it has had more than one thread at a time */
	struct wall wall;   /* from its third word on in a line of the cache of its own */
	__u64 gil_start;    /* memory that holds the interpreter's lock */
	__u64 gil_bytes;    /* 0: not known */
	__u32 runtime_asks; /* times that user space was asked to find this: */
	__u32 runtime;	    /* enum runtime_kind */
	__u32 kernel_thread;
	__u32 pad;
	char comm[WIRE_COMM];
	char args[WIRE_ARGS];
	struct thread_totals ended; /* threads that are gone */
	struct block_totals block;
	/* Ended waits by log2 of their length, of threads that are gone, or that keep no histogram of the reason. */
	__u64 hist[WIRE_WAITS][WIRE_HIST];
	__u64 pad2[2]; /* to whole lines */
};
WIRE_SIZE(struct process_rec, 48 + 584 + 32 + 16 + 128 + 960 + 72 + 18 * 40 * 8 + 16);

/* What the snapshot iterator emits for each accounted thread. */
struct thread_sample {
	__u64 now_ns;
	__u64 user_ns; /* the kernel's utime and stime */
	__u64 system_ns;
	__u32 cpus_allowed;
	__u32 pad;
	char comm[WIRE_COMM];
	struct thread_rec rec;
};
WIRE_SIZE(struct thread_sample, 48 + 2112);

/* What it emits for a thread that has been asleep since the pass before. */
struct quiet_thread {
	__u64 zero; /* where a thread_sample has its time */
	__u32 tid;
	__u32 slot;
};
WIRE_SIZE(struct quiet_thread, 16);

struct irq_total {
	__u64 count;
	__u64 total_ns;
	__u64 timed; /* of soft interrupts: as many were measured for `total_ns`, each with those left out before it */
	__u64 first_action; /* address of the handler that stands for a shared line */
};
WIRE_SIZE(struct irq_total, 32);

/* What a CPU did for the targets. Only that CPU writes it. */
struct cpu_total {
	__u64 on_cpu_ns;
	__u64 since_ns; /* a target has been on it since; 0: none is */
	__u64 switch_process;
	__u64 switch_thread;
	__u64 switch_resume;
	__u64 run_queue_ns;    /* before its switches in */
	__u64 calls;	       /* system calls of everybody, while the probe was there for a slice */
	__u64 hist[WIRE_HIST]; /* the same by log2 of its length */
};
WIRE_SIZE(struct cpu_total, 56 + 40 * 8);

struct syscall_total {
	__u64 count;
	__u64 errors;
	__u64 eagain;
	__u64 eintr;
	__u64 blocks; /* waits in it that ended */
	__u64 blocked_ns;
};
WIRE_SIZE(struct syscall_total, 48);

/* What a file descriptor stood for when it was first waited for. */
struct file_identity {
	__u64 inode;
	__u32 kind;   /* enum file_kind */
	__u16 family; /* AF_… of a socket */
	__u16 local_port;
	__u16 remote_port;
	__u16 type;	/* SOCK_… */
	__u32 peer_pid; /* other end of a Unix connection, in the reader's namespace; 0: unknown */
	__u8 local[16]; /* addresses; IPv4 takes the first four bytes */
	__u8 remote[16];
	char name[WIRE_NAME]; /* last part of the path, or a Unix socket's path */
	char parent[WIRE_NAME];
};
WIRE_SIZE(struct file_identity, 24 + 32 + 64);

struct site {
	__u64 count;
	__u64 total_ns;
	__u64 max_ns;
	__u64 ended_by[WAKER_COUNT]; /* by enum waker_kind */
	__u64 waker; /* the task that ended most of them, by majority vote: pid << 32 | tid in the reader's namespace */
	__u64 waker_votes;
	struct file_identity file;
};
WIRE_SIZE(struct site, 10 * 8 + 120);

/* A block request in flight. */
struct block_request {
	__u64 start_ns;
	__u64 issue_ns; /* 0: not given to the device yet */
	__u64 cpu_ns;	/* the process's time on CPU then */
	__u32 slot;
	__u32 bytes;
	__u32 write;
	__u32 pad;
};
WIRE_SIZE(struct block_request, 40);

/* Those in flight whose addresses have one hash. */
struct request_set {
	__u64 owner[WIRE_WAYS]; /* the kernel's request: see owner_of(); 0: the place is free */
	struct block_request request[WIRE_WAYS];
};
WIRE_SIZE(struct request_set, 8 * 8 + 8 * 40);

enum block_stage { STAGE_QUEUE, STAGE_DEVICE, STAGE_COMPLETION, STAGE_RUN_QUEUE, STAGE_COUNT };

/* Switches of a process's coroutines, by row of the table of runtimes. */
struct coroutine_totals {
	__u64 switches[WIRE_RUNTIMES];
	__u64 untold;		   /* calls of a probed function whose caller could not be looked up */
	__u64 hits[WIRE_RUNTIMES]; /* of their probes; a hit need not be a switch */
	__u64 loop_max_ns;	   /* longest time that an event loop with switches was away from its wait */
};
WIRE_SIZE(struct coroutine_totals, 2 * 16 * 8 + 16);

/* The followed group as a whole, and all that was lost. */
struct group {
	struct wall wall;
	__u64 live; /* threads accounted now */
	__u64 threads_seen;
	__u64 processes_seen;
	__u64 end_ns;	       /* end of the thread that ended last */
	__u64 records_full;    /* threads for which there was no record */
	__u64 slots_full;      /* processes that share the overflow slot */
	__u64 exits_lost;      /* details of ended threads that found the ring full */
	__u64 bad_slot;	       /* records that named no process; never yet seen */
	__u64 sites_full;      /* waits whose place found no room */
	__u64 requests_full;   /* block requests that found no room */
	__u64 kernel_requests; /* block requests of kernel threads, such as writeback: of the machine, nobody's own */
	__u64 kernel_bytes;
	__u64 folds;	/* threads whose totals were added to their process's `ended` */
	__u64 withheld; /* programs executed that the user may not be shown: to him their processes end there */
	__u64 block_hist[STAGE_COUNT][WIRE_HIST]; /* stages of the group's block requests by log2 of their length */
};
WIRE_SIZE(struct group, 584 + 64 + 48 + 4 * 40 * 8);

/* Ring messages. */
enum message_kind {
	MESSAGE_THREAD_ENDED = 1, /* with its detail */
	MESSAGE_GROUP_ENDED = 2,  /* nobody is left */
	MESSAGE_FIND_RUNTIME = 3, /* threads of this process wait for futexes: which language does it run? */
	MESSAGE_NEW_CODE = 4,	  /* this process has mapped code; sent where coroutines are probed */
};

struct message_head {
	__u32 kind; /* enum message_kind */
	__u32 pid;  /* of the process */
	__u64 process_start_ns;
	__u32 slot;
	__u32 pad;
};
WIRE_SIZE(struct message_head, 24);

struct message {
	struct message_head head;
	struct thread_sample thread; /* only of MESSAGE_THREAD_ENDED */
};
WIRE_SIZE(struct message, 24 + 2160);

#endif
