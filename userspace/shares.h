// SPDX-License-Identifier: GPL-2.0-or-later
// Shares of the elapsed time: what the wall clock's states mean once it is known how their waits ended.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "userspace/sample.h"

namespace ctxray {

// What is judged: a thread, a process or a group.
struct Evidence {
  Wall wall;
  Totals totals;
  std::uint64_t lost = 0;                  // events not seen
  std::uint64_t threads_seen = 0;          // ever
  std::uint64_t threads_unseen = 0;        // beside those: could not be accounted at all
  double cpus = 1;                         // that it may use
  std::uint64_t internal_pipe_ns = 0;      // pipe waits that its own members ended: they wait for one another
  std::uint64_t requests_in_flight_ns = 0; // of block requests, summed; 0: none, or not known
  std::uint64_t busy_threads = 0;          // there for half of the time, and on a CPU for a twentieth of it or more
  std::uint64_t busiest_ns = 0;            // on a CPU, of the thread that was so for longest
};

// What I/O was for, of the wait reasons and of the event waits together.
enum class IoKind : std::uint8_t { kDisk, kNetwork, kPipe, kAsync, kPageFault, kEvent };
inline constexpr std::size_t kIoKinds = 6;
std::string_view io_kind_name(IoKind kind);

// Thread time spent waiting for I/O that came.
// - An event wait counts by what it was for; what a timer ended, or nothing yet, does not count.
// - Of a pipe, a request or an asynchronous wait, what has not ended yet is waiting for work.
// - Requests that come within a millisecond on average keep a server busy: their clients' round trips are network time.
//   Rarer ones are waited for as work.
struct IoTime {
  std::array<std::uint64_t, kIoKinds> kind_ns{};
  std::uint64_t state_ns = 0; // part of it that the wall clock calls io
  std::uint64_t event_ns = 0; // part of it that the wall clock calls event

  [[nodiscard]] std::uint64_t total_ns() const { return state_ns + event_ns; }
};
IoTime io_time(const Evidence& evidence);

// Each 0 to 1; together 1. They differ from the wall clock's states in this:
// - io and event count as I/O only as far as io_time() goes; the rest is idle.
// - Starved time that is only the latency of an idle CPU in taking up a woken thread goes to what it had waited for.
// Where
//   that was another thread's word to go on, the work was being handed over: nobody was idle.
struct Shares {
  double cpu = 0;
  double starved = 0;
  double io = 0;
  double lock = 0;
  double handover = 0;
  double idle = 0;
};
Shares shares_of(const Evidence& evidence);

// A thread alone: its own states are its wall clock.
Wall wall_of_thread(const Totals& totals);

// part / whole, at most 1; 0 of nothing.
double ratio(std::uint64_t part, std::uint64_t whole);

} // namespace ctxray
