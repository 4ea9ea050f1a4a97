/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declares just the kernel types and fields that ctxray reads; CO-RE relocates each on the running kernel. */
#ifndef CTXRAY_KERNEL_H
#define CTXRAY_KERNEL_H

#include <linux/types.h>

#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

#define offsetof(type, member) __builtin_offsetof(type, member)

enum { false, true };
typedef _Bool bool;

/* include/linux/sched.h */
#define PF_EXITING 0x00000004
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000 /* since 6.4 (54e6842d0775); a hole in the kernels before that we serve */
#define PF_KTHREAD 0x00200000
#define TASK_RUNNING 0x0000
#define __TASK_STOPPED 0x0004
#define __TASK_TRACED 0x0008
#define TASK_DEAD 0x0080
#define TASK_WAKING 0x0200

/* include/linux/interrupt.h */
#define __IRQF_TIMER 0x00000200
#define TIMER_SOFTIRQ 1
#define NET_TX_SOFTIRQ 2
#define NET_RX_SOFTIRQ 3
#define HRTIMER_SOFTIRQ 8

/* arch/x86/include/asm/thread_info.h: a 32-bit system call is in progress. */
#define TS_COMPAT 0x0002

#define PROT_EXEC 0x4

#define MMF_DUMPABLE_MASK 3 /* include/linux/mm_types.h */
#define SUID_DUMP_USER 1

#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define MINORBITS 20
#define ANON_INODE_FS_MAGIC 0x09041934 /* include/uapi/linux/magic.h */

#define EINTR 4
#define EAGAIN 11
#define ERESTARTSYS 512 /* include/linux/errno.h: until the signal is handled, these stand for EINTR */
#define ERESTART_RESTARTBLOCK 516

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define SOCK_STREAM 1
#define SOCK_BINDPORT_LOCK 8 /* include/net/sock.h */
#define TCP_ESTABLISHED 1    /* include/net/tcp_states.h */
#define TCP_LISTEN 10

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct thread_info {
	u32 status;
};

struct mm_struct {
	unsigned long flags;
	unsigned long arg_start;
	unsigned long arg_end;
};

typedef struct {
	u32 val;
} kuid_t;

typedef struct {
	u32 val;
} kgid_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	u16 i_mode;
	u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct file {
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
};

struct in6_addr {
	u8 bytes[16];
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	struct pid *sk_peer_pid;
	u8 sk_userlocks; /* in some kernels a bit field */
};

struct socket {
	short type;
	struct sock *sk;
};

struct inet_bind_bucket {
	signed char fastreuse;
};

struct inet_connection_sock {
	struct inet_bind_bucket *icsk_bind_hash;
};

struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[0];
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};

struct request {
	unsigned int cmd_flags;
	unsigned int __data_len;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct file *vm_file;
};

struct rq {
	u64 clock;
	struct task_struct *curr;
};

struct cfs_rq {
	struct rq *rq; /* only with CONFIG_FAIR_GROUP_SCHED */
};

struct sched_entity {
	u64 exec_start;
	u64 sum_exec_runtime;
	unsigned char sched_delayed; /* since 6.12 (152e11f6df29) */
	struct cfs_rq *cfs_rq;	     /* only with CONFIG_FAIR_GROUP_SCHED */
};

struct sched_info {
	unsigned long long last_queued;
};

typedef struct {
	int counter;
} atomic_t;

struct qspinlock {
	atomic_t val;
};

struct raw_spinlock {
	struct qspinlock raw_lock;
};
typedef struct raw_spinlock raw_spinlock_t;

struct sighand_struct;

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	int on_cpu;
	int on_rq;
	struct sched_entity se;
	struct sched_info sched_info;
	int nr_cpus_allowed;
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	unsigned in_iowait : 1;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	const struct cred *real_cred;
	unsigned long nvcsw;
	unsigned long nivcsw;
	u64 utime;
	u64 stime;
	char comm[16];
	struct files_struct *files;
	struct sighand_struct *sighand;
	raw_spinlock_t pi_lock;
	void *stack;
	int softirq_disable_cnt; /* real-time kernels */
};

struct irqaction {
	unsigned int flags;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r15;
	unsigned long bx;
	unsigned long r10;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long sp;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	u64 regs[31];
};
struct pt_regs {
	u64 regs[31];
	u64 orig_x0;
	int syscallno;
};
#endif

/* Flavour for kernels since 6.18 (include/linux/mm_types.h: the flags became a bitmap of its own type). */
typedef struct {
	unsigned long __mm_flags[1];
} mm_flags_t___6_18;

struct mm_struct___6_18 {
	mm_flags_t___6_18 flags;
};

#pragma clang attribute pop

/* What an iterator of tasks is given, the same in all kernels since 5.8 (kernel/bpf/task_iter.c): each type that is to
 * be found in the kernel's own takes libbpf a millisecond. */
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#endif
