/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a thread blocks, from its saved user registers, the kind of its file and its in_iowait mark. */
#ifndef CTXRAY_REASON_BPF_H
#define CTXRAY_REASON_BPF_H

#include "state.bpf.h"

/* include/uapi/linux/futex.h */
#define FUTEX_CMD_MASK 0x7f
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAIT_REQUEUE_PI 11

static __always_inline bool in_iowait(struct task_struct *task)
{
	return BPF_CORE_READ_BITFIELD_PROBED(task, in_iowait);
}

/* Terminals by their major numbers: ttys and consoles, serial lines, pseudo-terminals (admin-guide/devices.txt). */
static __always_inline bool is_terminal(u32 rdev)
{
	u32 major = rdev >> MINORBITS;

	return major == 4 || major == 5 || (major >= 128 && major <= 143) || major == 204;
}

static __always_inline u32 file_reason(struct task_struct *task, u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slot, *file = NULL;
	struct inode *inode;

	if (!table || fd >= BPF_CORE_READ(table, max_fds))
		return WAIT_OTHER;
	slot = BPF_CORE_READ(table, fd);
	if (bpf_probe_read_kernel(&file, sizeof(file), slot + fd) || !file)
		return WAIT_OTHER;
	inode = BPF_CORE_READ(file, f_inode);
	switch (BPF_CORE_READ(inode, i_mode) & S_IFMT) {
	case S_IFSOCK:
		return WAIT_NETWORK;
	case S_IFIFO:
		return WAIT_PIPE;
	case S_IFCHR:
		return is_terminal(BPF_CORE_READ(inode, i_rdev)) ? WAIT_TERMINAL : WAIT_OTHER;
	case S_IFBLK:
	case S_IFDIR:
		return WAIT_DISK;
	case S_IFREG: /* anonymous inodes (eventfd, timerfd, …) have this type since 6.17 (cfd86ef7e8e7) */
		return BPF_CORE_READ(inode, i_sb, s_magic) == ANON_INODE_FS_MAGIC ? WAIT_EVENT : WAIT_DISK;
	default:
		return WAIT_EVENT;
	}
}

/* A mutex waits with FUTEX_WAIT or a PI lock; glibc's conditions, semaphores and joins with the others. */
static __always_inline u32 futex_reason(u32 op)
{
	op &= FUTEX_CMD_MASK;
	return op == FUTEX_WAIT_BITSET || op == FUTEX_WAIT_REQUEUE_PI ? WAIT_PARKED : WAIT_LOCK;
}

/* `state` is the task's state as it blocks; the system call's number, or ~0, is left in *syscall. */
static __always_inline u32 wait_reason(struct task_struct *task, u32 state, u32 *syscall)
{
	struct pt_regs *regs;
	u32 class;
	s64 nr;

	*syscall = ~0U;
	if (is_kernel_worker(task))
		return in_iowait(task) ? WAIT_DISK : WAIT_PARKED;
	if (state & (__TASK_STOPPED | __TASK_TRACED))
		return WAIT_SIGNAL;
	if (task->flags & PF_EXITING)
		return in_iowait(task) ? WAIT_DISK : WAIT_OTHER;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	nr = regs_syscall(regs);
	if (nr < 0)
		return WAIT_PAGE_FAULT;
	if (in_compat_syscall(task))
		return in_iowait(task) ? WAIT_DISK : WAIT_OTHER;
	*syscall = nr;
	class = call_class[nr < WIRE_SYSCALLS ? nr : WIRE_SYSCALLS - 1];
	if (class == CALL_FUTEX)
		return futex_reason(regs_second_argument(regs));
	if (class & CALL_FINAL)
		return class & (WIRE_WAITS - 1);
	if (in_iowait(task))
		return WAIT_DISK;
	if (class == CALL_FD)
		return file_reason(task, regs_first_argument(regs));
	return class & (WIRE_WAITS - 1);
}

#endif
