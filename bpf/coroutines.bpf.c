/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts switches of coroutines, and how long an event loop is away from its wait. An object of its own, which is
 * loaded only where that is asked for. */
#include "thread_map.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Of each runtime: how the name of the file begins that its switches are called from; empty: any call is one. */
const volatile char callers[WIRE_RUNTIMES][WIRE_CALLER] = {};
const volatile __u8 is_event_wait[WIRE_CALLS] = {};
const volatile __u32 mmap_call = 0; /* number of mmap */

/* By slot, as `processes` is. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct coroutine_totals);
} coroutines SEC(".maps");

struct range {
	u64 start;
	u64 end;
};

/* What a thread that switches coroutines has met. */
struct coroutine_thread {
	struct range caller[WIRE_RUNTIMES]; /* code that switches */
	struct range other[WIRE_RUNTIMES];  /* code that calls the same function for other ends */
	u64 wait_begin_ns;		    /* when it last began to wait for events */
	u64 waited_ns;			    /* how long it had waited for events until then */
	u64 switches;			    /* since */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct coroutine_thread);
} coroutine_threads SEC(".maps");

enum call_origin { FROM_CALLER, FROM_OTHER, FROM_UNKNOWN };

struct search {
	struct range found;
	u32 runtime;
	u32 origin; /* enum call_origin */
};

static __always_inline bool begins_like_caller(const char *name, u32 runtime)
{
	const volatile char *caller = callers[runtime & (WIRE_RUNTIMES - 1)];

	for (int i = 0; i < WIRE_CALLER && caller[i]; i++)
		if (name[i] != caller[i])
			return false;
	return true;
}

static long look_at_mapping(struct task_struct *task, struct vm_area_struct *mapping, struct search *search)
{
	struct file *file = mapping->vm_file;
	char name[WIRE_CALLER] = {};

	search->found.start = mapping->vm_start;
	search->found.end = mapping->vm_end;
	search->origin = FROM_OTHER;
	if (!file)
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (begins_like_caller(name, search->runtime))
		search->origin = FROM_CALLER;
	return 0;
}

static __always_inline bool holds(const struct range *range, u64 address)
{
	return address >= range->start && address < range->end;
}

static __always_inline u32 find_origin(struct task_struct *task, struct coroutine_thread *own, u32 runtime, u64 address)
{
	struct search search = {.runtime = runtime, .origin = FROM_UNKNOWN};

	if (!callers[runtime][0] || holds(&own->caller[runtime], address))
		return FROM_CALLER;
	if (holds(&own->other[runtime], address))
		return FROM_OTHER;
	if (bpf_find_vma(task, address, look_at_mapping, &search, 0))
		return FROM_UNKNOWN;
	if (search.origin == FROM_CALLER)
		own->caller[runtime] = search.found;
	else
		own->other[runtime] = search.found;
	return search.origin;
}

/* The cookie is the row of the runtime. */
SEC("uprobe")
int on_coroutine_switch(struct pt_regs *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_rec *thread = thread_of(task);
	u64 runtime = bpf_get_attach_cookie(ctx);
	struct coroutine_totals *totals;
	struct coroutine_thread *own;
	u32 slot, origin = FROM_UNKNOWN;

	if (!thread || thread->state < THREAD_ON_CPU || runtime >= WIRE_RUNTIMES)
		return 0;
	slot = thread->slot;
	totals = bpf_map_lookup_elem(&coroutines, &slot);
	if (!totals)
		return 0;
	__sync_fetch_and_add(&totals->hits[runtime], 1);
	own = bpf_task_storage_get(&coroutine_threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (own)
		origin = find_origin(task, own, runtime, regs_caller(ctx));
	if (origin == FROM_UNKNOWN)
		__sync_fetch_and_add(&totals->untold, 1);
	if (!own || origin != FROM_CALLER)
		return 0;
	__sync_fetch_and_add(&totals->switches[runtime], 1);
	own->switches++;
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_event_wait, struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct coroutine_totals *totals;
	struct coroutine_thread *own;
	struct thread_rec *thread;
	u64 now, waited_ns;
	s64 away_ns; /* the clock of switches is a little off at times */
	u32 slot;

	if (number < 0 || number >= WIRE_CALLS || !is_event_wait[number] || in_compat_syscall(task))
		return 0;
	own = bpf_task_storage_get(&coroutine_threads, task, 0, 0);
	thread = thread_of(task);
	if (!own || !thread)
		return 0;
	slot = thread->slot;
	totals = bpf_map_lookup_elem(&coroutines, &slot);
	if (!totals)
		return 0;
	now = bpf_ktime_get_ns();
	waited_ns = thread->totals.waits[WAIT_EVENT].total_ns;
	away_ns = now - own->wait_begin_ns - (waited_ns - own->waited_ns);
	if (own->switches && own->wait_begin_ns && away_ns > (s64)totals->loop_max_ns)
		totals->loop_max_ns = away_ns;
	own->wait_begin_ns = now;
	own->waited_ns = waited_ns;
	own->switches = 0;
	return 0;
}

/* There may be a runtime in it. Any thread's number leads to its process's files. */
static __always_inline void tell_of_new_code(struct task_struct *task)
{
	struct thread_rec *thread = thread_of(task);
	struct message_head head = {.kind = MESSAGE_NEW_CODE};

	if (!thread || thread->state == THREAD_NEW || thread->state == THREAD_DEAD)
		return;
	head.pid = thread->tid;
	bpf_ringbuf_output(&messages, &head, sizeof(head), BPF_RB_FORCE_WAKEUP);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_mapped, struct pt_regs *regs, long result)
{
	if (regs_syscall(regs) == mmap_call && regs_third_argument(regs) & PROT_EXEC && result > 0)
		tell_of_new_code(bpf_get_current_task_btf());
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_other_program, struct task_struct *task)
{
	struct coroutine_thread *own = bpf_task_storage_get(&coroutine_threads, task, 0, 0);

	if (own)
		__builtin_memset(own, 0, sizeof(*own));
	tell_of_new_code(task);
	return 0;
}
