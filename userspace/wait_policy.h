// SPDX-License-Identifier: GPL-2.0-or-later
// Policy of waits: which reason a system call stands for, and which wall-clock class a reason belongs to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

// In rising order of precedence: a process is in the highest class that one of its threads is in.
enum class WallClass : std::uint8_t { kIdle, kLock, kEvent, kIo, kStarved, kCpu };

// The class of a thread blocked for this reason.
WallClass wall_class(Reason reason);

// How a system call explains a wait in it.
enum class CallRule : std::uint8_t {
  kUnlessDisk,    // the given reason, unless the kernel says that the wait is for a disk (in_iowait)
  kAlways,        // the given reason
  kAskFile,       // the kind of the file behind its first argument, unless it is a disk wait
  kAskFileToSend, // the same for calls that send, which wait for no request
  kAskSplice,     // the same for calls with two files
  kAskFutex,      // its futex operation
  kAsBefore,      // whatever the call did that it goes on with
};

// What a system call does, for the I/O model.
enum class CallRole : std::uint8_t { kNone, kTransfer, kMultiplex, kSubmit, kClose };

struct CallClass {
  CallRule rule = CallRule::kUnlessDisk;
  Reason reason = Reason::kOther;
  bool names_file = false; // its first argument is the file that it waits for
  CallRole role = CallRole::kNone;
};

// What is known of a system call; none: the table does not have it. A test sees to it that it has all.
std::optional<CallClass> call_class(std::string_view name);

// The class of each system call of this architecture by number, and from kCompatCall on of its 32-bit calls;
// calls that say nothing have the default.
std::vector<CallClass> call_classes();

// Why a thread waits that waits for a file of this kind.
Reason file_reason(FileKind kind);

// Name of a system call of this architecture, with kCompatCall for a 32-bit one.
std::string call_name(std::uint32_t number);

} // namespace ctxray
