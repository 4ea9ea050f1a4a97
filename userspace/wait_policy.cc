// SPDX-License-Identifier: GPL-2.0-or-later
// The tables behind the policy of waits.
#include "userspace/wait_policy.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <utility>

namespace ctxray {

namespace {

using Name = std::string_view;

// {"read", 0}, … for each system call of the architecture that this is built for, sorted by number.
constexpr std::pair<Name, std::uint32_t> kSyscalls[] = {
#include "syscalls.inc"
};

// The same for the 32-bit calls that its kernel serves, if any.
const std::initializer_list<std::pair<Name, std::uint32_t>>& compat_syscalls() {
  static const std::initializer_list<std::pair<Name, std::uint32_t>> kCalls = {
#include "syscalls_compat.inc"
  };
  return kCalls;
}

struct Rule {
  CallClass call_class;
  std::initializer_list<Name> calls;
};

constexpr CallClass kTransfer = {CallRule::kAskFile, Reason::kOther, true, CallRole::kTransfer};
constexpr CallClass kSending = {CallRule::kAskFileToSend, Reason::kOther, true, CallRole::kTransfer};
constexpr CallClass kEventWait = {CallRule::kAlways, Reason::kEvent, false, CallRole::kMultiplex};
constexpr CallClass kFileSystem = {CallRule::kUnlessDisk, Reason::kDisk};

// Every system call that can block for longer than a lock inside the kernel is held.
const std::initializer_list<Rule>& blocking_rules() {
  static const std::initializer_list<Rule> kRules = {
      {kTransfer,
       {"read", "readv", "pread64", "preadv", "preadv2", "recvfrom", "recvmsg", "recvmmsg", "accept", "accept4",
        "recvmmsg_time64", "getdents", "getdents64", "readdir"}},
      {kSending,
       {"write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile", "sendfile64",
        "vmsplice"}},
      {{CallRule::kAskSplice, Reason::kOther, true, CallRole::kTransfer}, {"splice", "tee", "copy_file_range"}},
      {{CallRule::kAskFile, Reason::kOther, true, CallRole::kClose}, {"close"}},
      {{CallRule::kAskFileToSend, Reason::kOther, true},
       {"connect", "shutdown", "ioctl", "ftruncate", "ftruncate64", "fallocate", "fadvise64", "fadvise64_64",
        "readahead", "close_range", "bind", "listen", "setsockopt", "getsockopt"}},
      {{CallRule::kUnlessDisk, Reason::kNetwork}, {"socketcall"}},
      {{CallRule::kAskFutex, Reason::kLock, true}, {"futex", "futex_time64"}},
      {{CallRule::kAlways, Reason::kParked}, {"futex_wait", "futex_waitv"}},
      {{CallRule::kAlways, Reason::kEvent, true, CallRole::kMultiplex},
       {"epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_wait_old"}},
      {kEventWait, {"select", "_newselect", "pselect6", "pselect6_time64", "poll", "ppoll", "ppoll_time64"}},
      {{CallRule::kAlways, Reason::kAsync, true, CallRole::kSubmit}, {"io_uring_enter"}},
      {{CallRule::kAlways, Reason::kAsync, false, CallRole::kSubmit}, {"io_submit"}},
      {{CallRule::kAlways, Reason::kAsync}, {"io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_destroy"}},
      {{CallRule::kAlways, Reason::kSleep}, {"nanosleep", "clock_nanosleep", "clock_nanosleep_time64", "sched_yield"}},
      {{CallRule::kAlways, Reason::kChild}, {"wait4", "waitid", "waitpid", "vfork", "clone", "clone3", "fork"}},
      {{CallRule::kAlways, Reason::kSignal},
       {"pause", "rt_sigsuspend", "sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64"}},
      {{CallRule::kAlways, Reason::kFileLock, true}, {"flock"}},
      {{CallRule::kUnlessDisk, Reason::kFileLock, true}, {"fcntl", "fcntl64"}},
      {{CallRule::kUnlessDisk, Reason::kDisk, true},
       {"fsync", "fdatasync", "syncfs", "sync_file_range", "fchmod", "fchown", "fchown32", "fsetxattr", "fremovexattr",
        "fstat", "fstat64", "fstatfs", "fstatfs64", "fgetxattr", "flistxattr", "lseek", "_llseek"}},
      {kFileSystem,
       {"sync",
        "msync",
        "open",
        "openat",
        "openat2",
        "creat",
        "stat",
        "stat64",
        "lstat",
        "lstat64",
        "oldstat",
        "oldlstat",
        "oldfstat",
        "newfstatat",
        "fstatat64",
        "statx",
        "access",
        "faccessat",
        "faccessat2",
        "unlink",
        "unlinkat",
        "rename",
        "renameat",
        "renameat2",
        "mkdir",
        "mkdirat",
        "mknod",
        "mknodat",
        "rmdir",
        "truncate",
        "truncate64",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "readlink",
        "readlinkat",
        "chmod",
        "fchmodat",
        "chown",
        "chown32",
        "lchown",
        "lchown32",
        "fchownat",
        "chdir",
        "fchdir",
        "chroot",
        "utime",
        "utimes",
        "utimensat",
        "utimensat_time64",
        "futimesat",
        "setxattr",
        "lsetxattr",
        "getxattr",
        "lgetxattr",
        "listxattr",
        "llistxattr",
        "removexattr",
        "lremovexattr",
        "statfs",
        "statfs64",
        "ustat",
        "umount",
        "umount2",
        "mount",
        "fsmount",
        "fsconfig",
        "fspick",
        "open_tree",
        "move_mount",
        "mount_setattr",
        "pivot_root",
        "swapon",
        "swapoff",
        "acct",
        "quotactl",
        "quotactl_fd",
        "uselib",
        "execve",
        "execveat",
        "name_to_handle_at",
        "open_by_handle_at",
        "getcwd",
        "bdflush",
        "inotify_add_watch",
        "inotify_rm_watch",
        "fanotify_mark",
        "io_setup"}},
      // Threads that change their address space wait for its lock.
      {{CallRule::kUnlessDisk, Reason::kLock},
       {"mlock", "mlock2", "mlockall", "madvise", "process_madvise", "remap_file_pages", "mmap", "mmap2", "munmap",
        "mremap", "mprotect", "brk", "mbind", "migrate_pages", "move_pages", "process_vm_readv", "process_vm_writev",
        "process_mrelease"}},
      {{CallRule::kUnlessDisk, Reason::kOther}, {"exit_group", "exit"}},
      {{CallRule::kUnlessDisk, Reason::kPipe},
       {"msgrcv", "msgsnd", "mq_timedreceive", "mq_timedsend", "mq_timedreceive_time64", "mq_timedsend_time64"}},
      {{CallRule::kUnlessDisk, Reason::kParked}, {"semop", "semtimedop", "semtimedop_time64", "ipc", "membarrier"}},
      {{CallRule::kUnlessDisk, Reason::kSignal}, {"ptrace"}},
      {{CallRule::kUnlessDisk, Reason::kOther},
       {"init_module",     "finit_module", "delete_module", "kexec_load",  "kexec_file_load",
        "reboot",          "add_key",      "request_key",   "keyctl",      "bpf",
        "perf_event_open", "seccomp",      "getrandom",     "userfaultfd", "syslog",
        "vhangup",         "unshare",      "setns",         "nfsservctl",  "afs_syscall"}},
      {{CallRule::kAsBefore, Reason::kOther}, {"restart_syscall"}},
  };
  return kRules;
}

// These wait for nothing but memory or a lock that the kernel holds for a moment.
const std::initializer_list<Name>& quick_calls() {
  static const std::initializer_list<Name> kCalls = {
#include "userspace/quick_calls.inc"
  };
  return kCalls;
}

std::map<Name, CallClass> make_table() {
  std::map<Name, CallClass> table;
  for (const Name name : quick_calls()) table[name] = {};
  for (const Rule& rule : blocking_rules())
    for (const Name name : rule.calls) table[name] = rule.call_class;
  return table;
}

} // namespace

WallClass wall_class(Reason reason) {
  switch (reason) {
    case Reason::kDisk:
    case Reason::kNetwork:
    case Reason::kPipe:
    case Reason::kAsync:
    case Reason::kPageFault:
      return WallClass::kIo;
    case Reason::kEvent:
    case Reason::kRequest:
      return WallClass::kEvent;
    case Reason::kLock:
    case Reason::kFileLock:
    case Reason::kGil:
      return WallClass::kLock;
    case Reason::kOther:
    case Reason::kTerminal:
    case Reason::kParked:
    case Reason::kJoin:
    case Reason::kSleep:
    case Reason::kChild:
    case Reason::kSignal:
      return WallClass::kIdle;
  }
  return WallClass::kIdle;
}

std::optional<CallClass> call_class(std::string_view name) {
  static const std::map<Name, CallClass> kTable = make_table();
  const auto found = kTable.find(name);
  return found == kTable.end() ? std::nullopt : std::optional(found->second);
}

std::vector<CallClass> call_classes() {
  std::vector<CallClass> classes(2 * std::size_t{kCompatCall});
  for (const auto& [name, number] : kSyscalls)
    if (number < kCompatCall) classes[number] = call_class(name).value_or(CallClass{});
  for (const auto& [name, number] : compat_syscalls())
    if (number < kCompatCall) classes[kCompatCall + number] = call_class(name).value_or(CallClass{});
  return classes;
}

Reason file_reason(FileKind kind) {
  switch (kind) {
    case FileKind::kRegular:
    case FileKind::kDirectory:
    case FileKind::kBlockDevice:
      return Reason::kDisk;
    case FileKind::kTerminal:
      return Reason::kTerminal;
    case FileKind::kPipe:
    case FileKind::kUnix:
      return Reason::kPipe;
    case FileKind::kInternet:
      return Reason::kNetwork;
    case FileKind::kInternetServer:
    case FileKind::kUnixServer:
    case FileKind::kNetlink:
      return Reason::kRequest;
    case FileKind::kEpoll:
    case FileKind::kInotify:
    case FileKind::kAnonymous:
      return Reason::kEvent;
    case FileKind::kEventfd:
      return Reason::kParked;
    case FileKind::kTimerfd:
      return Reason::kSleep;
    case FileKind::kSignalfd:
      return Reason::kSignal;
    case FileKind::kIoUring:
      return Reason::kAsync;
    case FileKind::kUnknown:
    case FileKind::kCharacterDevice:
      return Reason::kOther;
  }
  return Reason::kOther;
}

std::string call_name(std::uint32_t number) {
  for (const auto& [name, its_number] : kSyscalls)
    if (its_number == number) return std::string(name);
  for (const auto& [name, its_number] : compat_syscalls())
    if (its_number + kCompatCall == number) return std::string(name) + " (32-bit)";
  if (number >= kCompatCall) return "call " + std::to_string(number - kCompatCall) + " (32-bit)";
  return "call " + std::to_string(number);
}

} // namespace ctxray
