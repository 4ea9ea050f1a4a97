/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file descriptor of a task stands for: its kind, and for people its name or addresses. */
#ifndef CTXRAY_FILE_BPF_H
#define CTXRAY_FILE_BPF_H

#include "state.bpf.h"

static __always_inline struct file *file_in(struct task_struct *task, u32 fd)
{
	struct files_struct *files = (struct files_struct *)WORD_AT(&task->files);
	struct fdtable *table = (struct fdtable *)WORD_AT(&files->fdt);

	if (fd >= READ_AT(table, struct fdtable, max_fds))
		return NULL;
	return (struct file *)WORD_AT(WORD_AT(&table->fd) + sizeof(u64) * fd);
}

/* Terminals by their major numbers: ttys and consoles, serial lines, pseudo-terminals (admin-guide/devices.txt). */
static __always_inline bool is_terminal(u32 rdev)
{
	u32 major = rdev >> MINORBITS;

	return major == 4 || major == 5 || (major >= 128 && major <= 143) || major == 204;
}

static __always_inline const unsigned char *name_of(struct file *file)
{
	return BPF_CORE_READ(file, f_path.dentry, d_name.name);
}

/* Anonymous inodes are told apart by the name that their maker gave them, "[eventfd]" and so on. */
static __always_inline u32 anonymous_kind(struct file *file)
{
	char name[4] = {};

	bpf_probe_read_kernel(name, sizeof(name), name_of(file));
	if (name[1] == 't')
		return FILE_TIMERFD;
	if (name[1] == 's')
		return FILE_SIGNALFD;
	if (name[1] == 'i')
		return name[2] == 'n' ? FILE_INOTIFY : FILE_IO_URING;
	if (name[1] == 'e' && name[2] == 'v') {
		bpf_probe_read_kernel(name, sizeof(name), name_of(file) + 5);
		return name[1] == 'f' ? FILE_EVENTFD : FILE_EPOLL; /* "[eventfd]", "[eventpoll]" */
	}
	return FILE_ANONYMOUS;
}

static __always_inline bool bound_by_hand(struct sock *sock)
{
	return BPF_CORE_READ_BITFIELD_PROBED(sock, sk_userlocks) & SOCK_BINDPORT_LOCK;
}

/* Which side opened it. The port of a connection that this side opened was chosen by connect(), which marks its bucket
 * with fastreuse -1 (__inet_hash_connect, net/ipv4/inet_hashtables.c), or it was bound by hand; an accepted connection
 * shares its listener's bucket, but not the mark of having been bound (sk_clone_lock, net/core/sock.c). */
static __always_inline u32 internet_kind(struct sock *sock, bool stream)
{
	u32 state = READ_AT(sock, struct sock, __sk_common.skc_state);
	struct inet_bind_bucket *bucket;

	if (!stream)
		return state != TCP_ESTABLISHED && bound_by_hand(sock) ? FILE_TCP_SERVER : FILE_TCP;
	if (state == TCP_LISTEN)
		return FILE_TCP_SERVER;
	bucket = READ_AT(sock, struct inet_connection_sock, icsk_bind_hash);
	if (!bucket || READ_AT(bucket, struct inet_bind_bucket, fastreuse) == -1 || bound_by_hand(sock))
		return FILE_TCP;
	return FILE_TCP_SERVER;
}

/* An accepted connection shares its listener's address; who connects seldom has one (unix_stream_connect). */
static __always_inline u32 unix_kind(struct sock *sock, bool stream)
{
	u32 state = READ_AT(sock, struct sock, __sk_common.skc_state);
	struct unix_sock *unix_sock = (struct unix_sock *)sock;

	if (state == TCP_LISTEN)
		return FILE_UNIX_SERVER;
	if (!READ_AT(unix_sock, struct unix_sock, addr))
		return FILE_UNIX;
	return stream || !READ_AT(unix_sock, struct unix_sock, peer) ? FILE_UNIX_SERVER : FILE_UNIX;
}

static __always_inline u32 socket_kind(struct file *file)
{
	struct socket *socket = READ_AT(file, struct file, private_data);
	struct sock *sock = READ_AT(socket, struct socket, sk);
	bool stream = READ_AT(socket, struct socket, type) == SOCK_STREAM;
	u32 family = READ_AT(sock, struct sock, __sk_common.skc_family);

	if (family == AF_UNIX)
		return unix_kind(sock, stream);
	if (family == AF_INET || family == AF_INET6)
		return internet_kind(sock, stream);
	return family == AF_NETLINK ? FILE_NETLINK : FILE_TCP;
}

/* Takes an address, as a global function can, so that the verifier looks at it once. */
u32 kind_of_file(u64 address)
{
	struct file *file = (struct file *)address;
	struct inode *inode = READ_AT(file, struct file, f_inode);

	if (!inode)
		return FILE_UNKNOWN;
	switch (READ_AT(inode, struct inode, i_mode) & S_IFMT) {
	case S_IFSOCK:
		return socket_kind(file);
	case S_IFIFO:
		return FILE_PIPE;
	case S_IFCHR:
		return is_terminal(READ_AT(inode, struct inode, i_rdev)) ? FILE_TERMINAL : FILE_CHARACTER_DEVICE;
	case S_IFBLK:
		return FILE_BLOCK_DEVICE;
	case S_IFDIR:
		return FILE_DIRECTORY;
	case S_IFREG: /* anonymous inodes have this type since 6.17 (cfd86ef7e8e7) */
		if (READ_AT(READ_AT(inode, struct inode, i_sb), struct super_block, s_magic) != ANON_INODE_FS_MAGIC)
			return FILE_REGULAR;
		return anonymous_kind(file);
	default:
		return anonymous_kind(file);
	}
}

/* By the type in an inode's mode; FILE_UNKNOWN: more is to be asked. */
const __u8 kind_of_type[16] = {
	[S_IFIFO >> 12] = FILE_PIPE,
	[S_IFBLK >> 12] = FILE_BLOCK_DEVICE,
	[S_IFDIR >> 12] = FILE_DIRECTORY,
};

static __always_inline u32 file_kind(struct file *file)
{
	u64 inode = WORD_AT(&file->f_inode);
	u32 kind = inode ? kind_of_type[READ_AT(inode, struct inode, i_mode) >> 12 & 15] : FILE_UNKNOWN;

	return kind ? kind : kind_of_file((u64)file);
}

/* Names and addresses, for a site that is new: not on the way of every wait. */
static void identify_socket(struct file_identity *identity, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sock = BPF_CORE_READ(socket, sk);

	identity->family = BPF_CORE_READ(sock, __sk_common.skc_family);
	identity->type = BPF_CORE_READ(socket, type);
	if (identity->family == AF_INET || identity->family == AF_INET6) {
		identity->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
		identity->remote_port = bpf_ntohs(BPF_CORE_READ(sock, __sk_common.skc_dport));
	}
	if (identity->family == AF_INET) {
		BPF_CORE_READ_INTO((u32 *)identity->local, sock, __sk_common.skc_rcv_saddr);
		BPF_CORE_READ_INTO((u32 *)identity->remote, sock, __sk_common.skc_daddr);
	} else if (identity->family == AF_INET6) {
		BPF_CORE_READ_INTO((struct in6_addr *)identity->local, sock, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO((struct in6_addr *)identity->remote, sock, __sk_common.skc_v6_daddr);
	} else if (identity->family == AF_UNIX) {
		struct unix_sock *one = (struct unix_sock *)sock;
		struct unix_address *address = BPF_CORE_READ(one, addr);

		identity->peer_pid = number_at_level(BPF_CORE_READ(sock, sk_peer_pid), pid_level);
		if (!address) { /* who connects has none; the other end has its listener's */
			one = (struct unix_sock *)BPF_CORE_READ(one, peer);
			address = BPF_CORE_READ(one, addr);
		}
		if (address)
			bpf_probe_read_kernel_str(identity->name, WIRE_NAME, &address->name[0].sun_path);
	}
}

static void identify_file(struct file_identity *identity, struct file *file)
{
	identity->kind = file_kind(file);
	identity->inode = BPF_CORE_READ(file, f_inode, i_ino);
	if (identity->kind >= FILE_TCP && identity->kind <= FILE_NETLINK) {
		identify_socket(identity, file);
		return;
	}
	bpf_probe_read_kernel_str(identity->name, WIRE_NAME, name_of(file));
	bpf_probe_read_kernel_str(identity->parent, WIRE_NAME,
				  BPF_CORE_READ(file, f_path.dentry, d_parent, d_name.name));
}

#endif
