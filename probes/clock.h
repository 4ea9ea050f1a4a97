// SPDX-License-Identifier: GPL-2.0-or-later
// Clocks in nanoseconds.
#pragma once

#include <ctime>

#include <cstdint>

namespace ctxray {

// CLOCK_MONOTONIC is the clock of bpf_ktime_get_ns().
inline std::uint64_t clock_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

} // namespace ctxray
