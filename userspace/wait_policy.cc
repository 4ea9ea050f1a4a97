// SPDX-License-Identifier: GPL-2.0-or-later
// The tables behind the policy of waits.
#include "userspace/wait_policy.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace ctxray {

namespace {

using Name = std::string_view;

// {"read", 0}, … for each system call of the architecture that this is built for, sorted by number.
constexpr std::pair<Name, std::uint32_t> kSyscalls[] = {
#include "syscalls.inc"
};

struct Rule {
  CallClass call_class;
  std::initializer_list<Name> calls;
};

const std::initializer_list<Rule>& rules() {
  static const std::initializer_list<Rule> kRules = {
      {{CallRule::kAskFile, Reason::kOther},
       {"read",     "write",     "readv",     "writev",    "pread64",    "pwrite64",        "preadv",
        "pwritev",  "preadv2",   "pwritev2",  "recvfrom",  "recvmsg",    "recvmmsg",        "sendto",
        "sendmsg",  "sendmmsg",  "accept",    "accept4",   "connect",    "sendfile",        "splice",
        "tee",      "vmsplice",  "ioctl",     "getdents",  "getdents64", "copy_file_range", "close",
        "shutdown", "ftruncate", "fallocate", "fadvise64", "readahead"}},
      {{CallRule::kAskFutex, Reason::kLock}, {"futex"}},
      {{CallRule::kAlways, Reason::kLock}, {"futex_wait", "futex_waitv"}},
      {{CallRule::kAlways, Reason::kEvent},
       {"select", "pselect6", "poll", "ppoll", "epoll_wait", "epoll_pwait", "epoll_pwait2"}},
      {{CallRule::kAlways, Reason::kAsync}, {"io_uring_enter", "io_getevents", "io_pgetevents"}},
      {{CallRule::kAlways, Reason::kSleep}, {"nanosleep", "clock_nanosleep"}},
      {{CallRule::kAlways, Reason::kChild}, {"wait4", "waitid", "vfork"}},
      {{CallRule::kAlways, Reason::kSignal}, {"pause", "rt_sigsuspend", "rt_sigtimedwait"}},
      {{CallRule::kAlways, Reason::kFileLock}, {"flock"}},
      {{CallRule::kUnlessDisk, Reason::kFileLock}, {"fcntl"}},
      {{CallRule::kUnlessDisk, Reason::kDisk},
       {"fsync",   "fdatasync", "sync",      "syncfs", "sync_file_range", "msync",    "open",   "openat",
        "openat2", "creat",     "stat",      "lstat",  "newfstatat",      "statx",    "unlink", "unlinkat",
        "rename",  "renameat",  "renameat2", "mkdir",  "rmdir",           "truncate", "link",   "symlink",
        "umount2", "mount"}},
      {{CallRule::kUnlessDisk, Reason::kPipe}, {"msgrcv", "msgsnd", "mq_timedreceive", "mq_timedsend"}},
      {{CallRule::kUnlessDisk, Reason::kParked}, {"semop", "semtimedop"}},
  };
  return kRules;
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
      return WallClass::kEvent;
    case Reason::kLock:
    case Reason::kFileLock:
      return WallClass::kLock;
    case Reason::kOther:
    case Reason::kTerminal:
    case Reason::kParked:
    case Reason::kSleep:
    case Reason::kChild:
    case Reason::kSignal:
      return WallClass::kIdle;
  }
  return WallClass::kIdle;
}

std::vector<CallClass> call_classes() {
  std::uint32_t last = 0;
  for (const auto& [name, number] : kSyscalls) last = std::max(last, number);
  std::vector<CallClass> classes(last + 1);
  for (const Rule& rule : rules())
    for (const auto& [name, number] : kSyscalls)
      if (std::find(rule.calls.begin(), rule.calls.end(), name) != rule.calls.end()) classes[number] = rule.call_class;
  return classes;
}

std::optional<std::string> syscall_name(std::uint32_t number) {
  for (const auto& [name, its_number] : kSyscalls)
    if (its_number == number) return std::string(name);
  return std::nullopt;
}

} // namespace ctxray
