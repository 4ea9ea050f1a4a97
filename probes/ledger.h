// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps what is known of ended processes and threads, within bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

class Ledger {
 public:
  // Ended processes and ended threads per process that keep a line of their own; the oldest give way.
  static constexpr std::size_t kMostProcesses = 1024;
  static constexpr std::size_t kMostThreads = 256;

  void add_process(ProcessSample process);
  void add_thread(std::uint32_t pid, std::uint64_t process_start_ns, ThreadSample thread);

  // Appends the ended threads of a process that are still known.
  void append_threads(ProcessSample& process) const;

  // Appends the ended processes, and one with pid 0 that stands for those that gave way.
  void append_processes(std::vector<ProcessSample>& processes) const;

  // Appends those that are still known of the processes that ended after the first `told` ones. Returns how many have
  // ended so far.
  std::uint64_t append_ended_since(std::vector<ProcessSample>& processes, std::uint64_t told) const;

  // Threads that have no line of their own.
  [[nodiscard]] std::uint64_t threads_dropped() const { return threads_dropped_; }

 private:
  using Identity = std::pair<std::uint32_t, std::uint64_t>;

  std::deque<ProcessSample> processes_;
  ProcessSample rest_;
  std::map<Identity, std::deque<ThreadSample>> threads_;
  std::uint64_t ended_ = 0; // processes, ever
  std::uint64_t threads_dropped_ = 0;
};

} // namespace ctxray
