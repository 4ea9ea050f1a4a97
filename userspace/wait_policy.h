// SPDX-License-Identifier: GPL-2.0-or-later
// Policy of waits: which reason a system call stands for, and which wall-clock class a reason belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

// In rising order of precedence: a process is in the highest class that one of its threads is in.
enum class WallClass : std::uint8_t { kIdle, kLock, kEvent, kIo, kStarved, kCpu };

// The class of a thread blocked for this reason.
WallClass wall_class(Reason reason);

// How a system call explains a wait in it.
enum class CallRule : std::uint8_t {
  kUnlessDisk, // the given reason, unless the kernel says that the wait is for a disk (in_iowait)
  kAlways,     // the given reason
  kAskFile,    // the kind of the file behind its first argument, unless it is a disk wait
  kAskFutex,   // its futex operation
};

struct CallClass {
  CallRule rule = CallRule::kUnlessDisk;
  Reason reason = Reason::kOther;
};

// The class of each system call of this architecture by number; calls that say nothing have the default.
std::vector<CallClass> call_classes();

// Name of a system call of this architecture; none: not known.
std::optional<std::string> syscall_name(std::uint32_t number);

} // namespace ctxray
