/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every difference between kernels and architectures, each behind one function. */
#ifndef CTXRAY_COMPAT_BPF_H
#define CTXRAY_COMPAT_BPF_H

#include "kernel.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))

/* What seldom runs is kept out of the way of each switch, whose code then fits into fewer lines of the cache. clang
 * does not move blocks to the end of a program for BPF, whatever it is told of their likelihood. */
#define __seldom __noinline

/* A writer marks its update with `seq`: x86 keeps stores in order, so plain stores do; elsewhere a
 * fetching atomic is the only full barrier that BPF has. */
#if defined(__TARGET_ARCH_x86)
#define seq_step(seq) WRITE_ONCE(*(seq), READ_ONCE(*(seq)) + 1)
#else
#define seq_step(seq) ((void)__sync_fetch_and_add((seq), 1))
#endif
#define compiler_barrier() asm volatile("" ::: "memory")

/* Gives an address a type, so that what is there is loaded rather than copied by a helper. It costs nothing itself.
 * Since 6.2 (a35b9af4ec2c): `casts` says whether it is there. */
extern void *bpf_rdonly_cast(const void *address, u32 type) __ksym __weak;
const volatile bool casts = false;

#define READ_AT(address, type, field)                                                                                  \
	({                                                                                                             \
		const void *__address = (const void *)(address);                                                       \
		typeof(((type *)0)->field) __value;                                                                    \
		if (casts)                                                                                             \
			__value = ((type *)bpf_rdonly_cast(__address, bpf_core_type_id_kernel(type)))->field;          \
		else                                                                                                   \
			__value = BPF_CORE_READ((type *)__address, field);                                             \
		__value;                                                                                               \
	})

/* A number as wide as an address, be it one. What a field that is a pointer leads to costs the verifier a search
 * through the kernel's types each time that it sees it read (btf_nested_type_is_trusted, kernel/bpf/btf.c), a
 * millisecond. Any struct serves that begins with such a number; this one is looked up anyway. */
#if defined(__TARGET_ARCH_x86)
#define WORD_AT(address) READ_AT(address, struct pt_regs, r15)
#else
#define WORD_AT(address) READ_AT(address, struct pt_regs, regs[0])
#endif

/* Several of them, where `casts`. */
#define WORDS_AT(address)                                                                                              \
	((const u64 *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(struct pt_regs)))

static __always_inline u32 task_state(struct task_struct *task)
{
	return READ_ONCE(task->__state);
}

/* Still linked into the run queue although it sleeps: delayed dequeue, since 6.12 (152e11f6df29). */
static __always_inline bool sleeps_on_run_queue(struct task_struct *task)
{
	return bpf_core_field_exists(task->se.sched_delayed) && task->se.sched_delayed;
}

/* A waker that passed sched_waking holds pi_lock until it has queued the task, or until it has marked it TASK_WAKING
 * and left the rest to this CPU (try_to_wake_up, kernel/sched/core.c): so look at the lock first. */
static __always_inline bool wakeup_in_progress(struct task_struct *task)
{
	if (bpf_core_field_exists(task->pi_lock.raw_lock.val.counter) &&
	    READ_ONCE(task->pi_lock.raw_lock.val.counter) != 0)
		return true;
	return task_state(task) & TASK_WAKING;
}

/* Runs no user code of its own, so its saved registers are not a system call. */
static __always_inline bool is_kernel_worker(struct task_struct *task)
{
	return task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
}

/* Its parent or its group has taken over its counters (__exit_signal, kernel/exit.c), though it may still switch: what
 * it counts from here on is in no figure that the kernel gives out. */
static __always_inline bool is_released(struct task_struct *task)
{
	return task->flags & PF_EXITING && !BPF_CORE_READ(task, sighand);
}

/* Whoever has all its ids may look into it: false from the exec of a program on that gave it more rights or that may
 * not be read (begin_new_exec, fs/exec.c). Where the kernel keeps it nobody knows where, false. */
static __always_inline bool is_dumpable(struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct mm_struct___6_18 *new_mm = (void *)mm;

	if (bpf_core_field_exists(mm->flags))
		return (BPF_CORE_READ(mm, flags) & MMF_DUMPABLE_MASK) == SUID_DUMP_USER;
	if (bpf_core_field_exists(new_mm->flags.__mm_flags))
		return (BPF_CORE_READ(new_mm, flags.__mm_flags[0]) & MMF_DUMPABLE_MASK) == SUID_DUMP_USER;
	return false;
}

/* A 32-bit system call, whose number means something else. */
static __always_inline bool in_compat_syscall(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread_info.status & TS_COMPAT;
#else
	return false;
#endif
}

/* Number of the system call that the user registers were saved for; negative: none (fault, interrupt). */
static __always_inline s64 regs_syscall(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (s64)regs->orig_ax;
#else
	return regs->syscallno;
#endif
}

static __always_inline u64 regs_first_argument(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->di;
#else
	return regs->orig_x0;
#endif
}

static __always_inline u64 regs_second_argument(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->si;
#else
	return regs->regs[1];
#endif
}

static __always_inline u64 regs_third_argument(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->dx;
#else
	return regs->regs[2];
#endif
}

/* Where the function that a uprobe is on, at its very beginning, was called from; 0: not known. */
static __always_inline u64 regs_caller(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	u64 address = 0;

	bpf_probe_read_user(&address, sizeof(address), (void *)regs->sp);
	return address;
#else
	return regs->regs[30];
#endif
}

/* Of a 32-bit call. */
static __always_inline u64 compat_first_argument(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (u32)regs->bx;
#else
	return regs_first_argument(regs);
#endif
}

/* numbers[] was [1], then [] (b69f0aeb0689, 6.5): walk by hand. sizeof(struct upid) is 16 on all 64-bit kernels. */
static __always_inline u32 number_at_level(struct pid *pid, u32 level)
{
	u32 nr = 0;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	bpf_probe_read_kernel(&nr, sizeof(nr), (void *)&pid->numbers[0].nr + level * 16);
	return nr;
}

static __always_inline u32 pid_at_level(struct task_struct *task, u32 level)
{
	return number_at_level(BPF_CORE_READ(task, thread_pid), level);
}

#endif
