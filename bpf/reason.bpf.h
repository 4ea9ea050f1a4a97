/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a thread blocks, from its saved user registers, the kind of its file and its in_iowait mark. */
#ifndef CTXRAY_REASON_BPF_H
#define CTXRAY_REASON_BPF_H

#include "file.bpf.h"

/* include/uapi/linux/futex.h */
#define FUTEX_WAIT 0
#define FUTEX_LOCK_PI 6
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_LOCK_PI2 13
#define FUTEX_PRIVATE_FLAG 0x80
#define FUTEX_CMD_MASK 0x7f
#define FUTEX_WAITERS 0x80000000
#define FUTEX_CLOCK_REALTIME 0x100
#define MUTEX_CONTENDED 2
#define RWLOCK_CONTENDED 3

static __always_inline bool in_iowait(struct task_struct *task)
{
	return BPF_CORE_READ_BITFIELD(task, in_iowait);
}

/* Mutexes that end in the kernel wait for the value 2, "locked, and others wait" (glibc, Rust, Go's own; after Drepper,
 * "Futexes are tricky"), or for their owner's number with the mark of waiters (robust ones, musl); glibc's lock of
 * readers and writers for 3, "taken, and others wait" (nptl/pthread_rwlock_common.c). Joining waits for the number of
 * a thread, in a word that the kernel clears and wakes as a shared one (mm_release, kernel/fork.c). All else,
 * conditions, semaphores and the idle workers of runtimes, is parked unless its wakeup shows another thing. */
static __always_inline u32 futex_reason(struct pt_regs *regs)
{
	u32 op = regs_second_argument(regs), value = regs_third_argument(regs);

	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return WAIT_LOCK;
	case FUTEX_WAIT:
		if (value & FUTEX_WAITERS)
			return WAIT_LOCK;
		break;
	case FUTEX_WAIT_BITSET:
		if (!(op & FUTEX_PRIVATE_FLAG) && value > MUTEX_CONTENDED && !(value & FUTEX_WAITERS))
			return WAIT_JOIN;
		if (op & FUTEX_CLOCK_REALTIME && value == RWLOCK_CONTENDED)
			return WAIT_LOCK;
		break;
	default:
		return WAIT_PARKED;
	}
	return value == MUTEX_CONTENDED ? WAIT_LOCK : WAIT_PARKED;
}

/* Those of user space, at the top of the kernel's stack (task_pt_regs, asm/processor.h). */
static __always_inline struct pt_regs *saved_registers(struct task_struct *task)
{
	if (casts)
		return bpf_rdonly_cast((void *)((u64)task->stack + registers_at),
				       bpf_core_type_id_kernel(struct pt_regs));
	return (struct pt_regs *)bpf_task_pt_regs(task);
}

static __always_inline bool is_gil(const struct thread_rec *thread, u64 address)
{
	struct process_rec *process = process_at(thread->slot);

	return process && address - process->gil_start < process->gil_bytes;
}

static __always_inline u32 fd_reason(struct task_struct *task, u32 fd)
{
	struct file *file = file_in(task, fd);

	return file_reason[(file ? file_kind(file) : FILE_UNKNOWN) & (WIRE_REASONS - 1)];
}

static __always_inline void call_reason(struct wait *wait, const struct thread_rec *thread, struct task_struct *task,
					struct pt_regs *regs, u32 class, u64 first)
{
	if (class & CALL_NAMES_FD)
		wait->object = first;
	if (class == CALL_FUTEX) {
		wait->object = first;
		wait->reason = is_gil(thread, first)	     ? WAIT_GIL
			       : wait->syscall < WIRE_COMPAT ? futex_reason(regs)
							     : WAIT_PARKED;
		return;
	}
	if (!(class & CALL_ASK)) {
		if (class & CALL_FINAL || !in_iowait(task))
			wait->reason = class & (WIRE_REASONS - 1);
		return;
	}
	wait->object = first;
	if (in_iowait(task))
		return;
	wait->reason = fd_reason(task, first);
	if (class == CALL_SPLICE && wait->reason == WAIT_DISK) {
		wait->object = regs_third_argument(regs);
		wait->reason = fd_reason(task, wait->object);
	}
	if (class != CALL_FD && wait->reason == WAIT_REQUEST)
		wait->reason = WAIT_NETWORK;
}

/* `state` is the task's state as it blocks. */
static __always_inline void find_wait(struct wait *wait, const struct thread_rec *thread, struct task_struct *task,
				      u32 state)
{
	struct pt_regs *regs;
	u32 class;
	u64 first;
	s64 nr;

	wait->syscall = ~0U;
	wait->object = WIRE_NO_OBJECT;
	wait->reason = in_iowait(task) ? WAIT_DISK : WAIT_OTHER;
	if (is_kernel_worker(task)) {
		if (wait->reason != WAIT_DISK)
			wait->reason = WAIT_PARKED;
		return;
	}
	if (state & (__TASK_STOPPED | __TASK_TRACED)) {
		wait->reason = WAIT_SIGNAL;
		return;
	}
	if (task->flags & PF_EXITING)
		return;
	regs = saved_registers(task);
	nr = regs_syscall(regs);
	if (nr < 0) { /* a page fault; without I/O it waits for the lock of its address space */
		wait->reason = in_iowait(task) ? WAIT_PAGE_FAULT : WAIT_LOCK;
		return;
	}
	first = regs_first_argument(regs);
	nr = nr < WIRE_SYSCALLS ? nr : WIRE_SYSCALLS - 1;
	if (in_compat_syscall(task)) {
		nr += WIRE_COMPAT;
		first = compat_first_argument(regs);
	}
	wait->syscall = nr;
	class = call_class[forget_bits(nr) & (WIRE_CALLS - 1)];
	if (class == CALL_RESTART) { /* restart_syscall(2) */
		wait->syscall = thread->call.syscall;
		wait->reason = thread->call.reason;
		wait->object = thread->call.object;
		return;
	}
	call_reason(wait, thread, task, regs, class, first);
}

#endif
