// SPDX-License-Identifier: GPL-2.0-or-later
// The I/O model, named from behaviour: how a thread, a process or a group goes about its I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

enum class IoStyle : std::uint8_t { kBlocking, kPolling, kMultiplexing, kAsynchronous, kMemoryMapped, kPageCache };
inline constexpr std::size_t kIoStyles = 6;
std::string_view io_style_name(IoStyle style);

struct IoModel {
  struct Part {
    IoStyle style;
    double share; // of all that went into I/O
  };
  std::string name;        // of the first part, where it is clearly ahead; otherwise "mixture"; "none" without I/O
  double share = 0;        // of the first part
  std::string evidence;    // one sentence with its figures
  std::vector<Part> parts; // largest first, small ones left out
};

// What went into I/O in each style is the time spent waiting in that way, and for calls that did not wait a nominal
// time for each call and byte. `calls_known`: system calls were probed; otherwise only waits speak.
IoModel name_io_model(const Totals& totals, bool calls_known);

} // namespace ctxray
