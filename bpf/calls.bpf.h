/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls as they return: counts and errors, and what each thread does with its files. */
#ifndef CTXRAY_CALLS_BPF_H
#define CTXRAY_CALLS_BPF_H

#include "account.bpf.h"
#include "file.bpf.h"

/* So many transfers on one file descriptor are taken to be on the same file without a look. */
#define LOOK_AGAIN 64

static __always_inline struct syscall_total *call_total(u32 nr)
{
	u32 key = bpf_get_smp_processor_id() * WIRE_CALLS + nr;

	return bpf_map_lookup_elem(&syscalls, &key);
}

/* A wait that `thread` has ended, in a call that is to go on. */
static __always_inline void count_wait_in_call(struct thread_rec *thread)
{
	struct syscall_total *total = counts_calls ? call_total(thread->syscall & (2 * WIRE_CALLS - 1)) : NULL;

	if (!total || thread->syscall >= WIRE_CALLS)
		return;
	__sync_fetch_and_add(&total->blocks, 1);
	__sync_fetch_and_add(&total->blocked_ns, thread->wait_ns);
}

const __u8 transfer_of[WIRE_REASONS] = {
	[FILE_UNKNOWN] = TRANSFER_OTHER,
	[FILE_REGULAR] = TRANSFER_FILE,
	[FILE_DIRECTORY] = TRANSFER_FILE,
	[FILE_BLOCK_DEVICE] = TRANSFER_FILE,
	[FILE_CHARACTER_DEVICE] = TRANSFER_OTHER,
	[FILE_TERMINAL] = TRANSFER_TERMINAL,
	[FILE_PIPE] = TRANSFER_PIPE,
	[FILE_TCP] = TRANSFER_NETWORK,
	[FILE_TCP_SERVER] = TRANSFER_NETWORK,
	[FILE_UNIX] = TRANSFER_PIPE,
	[FILE_UNIX_SERVER] = TRANSFER_PIPE,
	[FILE_NETLINK] = TRANSFER_OTHER,
	[FILE_EPOLL] = TRANSFER_OTHER,
	[FILE_EVENTFD] = TRANSFER_OTHER,
	[FILE_TIMERFD] = TRANSFER_OTHER,
	[FILE_SIGNALFD] = TRANSFER_OTHER,
	[FILE_INOTIFY] = TRANSFER_OTHER,
	[FILE_IO_URING] = TRANSFER_OTHER,
	[FILE_ANONYMOUS] = TRANSFER_OTHER,
};

/* EVENT_COUNT: a transfer there does not tell what was waited for. */
const __u8 event_of[WIRE_REASONS] = {
	[FILE_UNKNOWN] = EVENT_COUNT,
	[FILE_REGULAR] = EVENT_COUNT,
	[FILE_DIRECTORY] = EVENT_COUNT,
	[FILE_BLOCK_DEVICE] = EVENT_COUNT,
	[FILE_CHARACTER_DEVICE] = EVENT_COUNT,
	[FILE_TERMINAL] = EVENT_TERMINAL,
	[FILE_PIPE] = EVENT_PIPE,
	[FILE_TCP] = EVENT_NETWORK,
	[FILE_TCP_SERVER] = EVENT_REQUEST,
	[FILE_UNIX] = EVENT_PIPE,
	[FILE_UNIX_SERVER] = EVENT_REQUEST,
	[FILE_NETLINK] = EVENT_REQUEST,
	[FILE_EPOLL] = EVENT_COUNT,
	[FILE_EVENTFD] = EVENT_SIGNAL,
	[FILE_TIMERFD] = EVENT_TIMEOUT,
	[FILE_SIGNALFD] = EVENT_SIGNAL,
	[FILE_INOTIFY] = EVENT_REQUEST,
	[FILE_IO_URING] = EVENT_COUNT,
	[FILE_ANONYMOUS] = EVENT_COUNT,
};

static __always_inline u32 kind_of_transfer(struct thread_rec *thread, struct task_struct *task, u32 fd)
{
	u32 index = fd & (WIRE_FDS - 1);
	struct file *file;

	if (thread->io_slice != call_slice) { /* what was closed meanwhile is not known */
		thread->io_slice = call_slice;
		for (int i = 0; i < WIRE_FDS; i++)
			thread->io_fds[i] = ~0U;
	}
	if (fd != thread->io_fds[index] || !(thread->totals.sums.calls.all % LOOK_AGAIN)) {
		file = file_in(task, fd);
		thread->io_fds[index] = fd;
		thread->io_kinds[index] = file ? file_kind(file) : FILE_UNKNOWN;
	}
	return thread->io_kinds[index] & (WIRE_REASONS - 1);
}

/* The calls before the slice began are not known, so an event wait from then may be explained already. */
static __always_inline bool waits_for_reason(const struct thread_rec *thread)
{
	return thread->event_ns && thread->event_slice == call_slice;
}

static __always_inline void count_transfer(struct thread_rec *thread, struct task_struct *task, u32 fd, long ret,
					   u64 weight)
{
	struct call_counts *calls = &thread->totals.sums.calls;
	u32 kind = kind_of_transfer(thread, task, fd), transfer = transfer_of[kind];

	if (waits_for_reason(thread))
		end_event(thread, event_of[kind], weight);
	if (ret == -EAGAIN)
		calls->would_block += weight;
	if (ret < 0 || transfer >= TRANSFER_COUNT)
		return;
	calls->transfers[transfer] += weight;
	calls->bytes[transfer] += weight * ret;
}

static __always_inline void count_for_model(struct thread_rec *thread, struct task_struct *task, u32 role, u32 fd,
					    long ret, u64 weight)
{
	struct call_counts *calls = &thread->totals.sums.calls;

	calls->all += weight;
	switch (role) {
	case ROLE_IO:
		count_transfer(thread, task, fd, ret, weight);
		break;
	case ROLE_MULTIPLEX:
		calls->multiplex += weight;
		if (ret > 0)
			calls->multiplex_events += weight * ret;
		else
			calls->multiplex_empty += weight;
		if (ret <= 0 && waits_for_reason(thread))
			end_event(thread, ret ? EVENT_SIGNAL : EVENT_TIMEOUT, weight);
		break;
	case ROLE_SUBMIT:
		calls->submits += weight;
		if (ret > 0)
			calls->submitted += weight * ret;
		break;
	case ROLE_CLOSE:
		if (fd == thread->io_fds[fd & (WIRE_FDS - 1)])
			thread->io_fds[fd & (WIRE_FDS - 1)] = ~0U;
		break;
	}
}

/* How many there are decides how many are looked at. */
static __always_inline void count_any_call(void)
{
	u32 key = bpf_get_smp_processor_id();
	struct cpu_total *cpu = samples_calls ? bpf_map_lookup_elem(&cpus, &key) : NULL;

	if (cpu)
		cpu->calls++;
}

static __always_inline void count_call(struct thread_rec *thread, struct task_struct *task, struct pt_regs *regs,
				       long ret)
{
	struct syscall_total *total;
	s64 nr = regs_syscall(regs);
	u64 first = regs_first_argument(regs), weight = call_weight;

	if (nr < 0)
		return;
	if (thread->skip_call) {
		thread->skip_call = 0;
		return;
	}
	nr = nr < WIRE_SYSCALLS ? nr : WIRE_SYSCALLS - 1;
	if (in_compat_syscall(task)) {
		nr += WIRE_COMPAT;
		first = compat_first_argument(regs);
	}
	total = call_total(nr);
	if (!total)
		return;
	/* Atomic: the task may be preempted here and leave another one the same row. */
	__sync_fetch_and_add(&total->count, weight);
	if (ret < 0 && ret > -4096) {
		__sync_fetch_and_add(&total->errors, weight);
		if (ret == -EAGAIN)
			__sync_fetch_and_add(&total->eagain, weight);
		else if (ret == -EINTR || (ret <= -ERESTARTSYS && ret >= -ERESTART_RESTARTBLOCK))
			__sync_fetch_and_add(&total->eintr, weight);
	}
	count_for_model(thread, task, call_role[nr & (WIRE_CALLS - 1)], first, ret, weight);
}

#endif
