/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tasks the user who started this may be shown. */
#ifndef CTXRAY_VIEWER_BPF_H
#define CTXRAY_VIEWER_BPF_H

#include "state.bpf.h"

/* An ordinary user is shown what ptrace(2) would let him read without any capability (__ptrace_may_access,
 * kernel/ptrace.c): tasks whose ids are all his, unless what they executed gave them more rights than he has or is
 * closed to him. */
static __always_inline bool may_show(struct task_struct *task)
{
	const struct cred *cred;

	if (!only_own)
		return true;
	cred = BPF_CORE_READ(task, real_cred);
	return BPF_CORE_READ(cred, uid.val) == own_uid && BPF_CORE_READ(cred, euid.val) == own_uid &&
	       BPF_CORE_READ(cred, suid.val) == own_uid && BPF_CORE_READ(cred, gid.val) == own_gid &&
	       BPF_CORE_READ(cred, egid.val) == own_gid && BPF_CORE_READ(cred, sgid.val) == own_gid &&
	       is_dumpable(task);
}

#endif
