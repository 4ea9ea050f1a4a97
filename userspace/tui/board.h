// SPDX-License-Identifier: GPL-2.0-or-later
// All that the views show: the last interval, the whole time, and the traces of the last minutes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "userspace/model.h"
#include "userspace/session.h"
#include "userspace/tui/trace.h"

namespace ctxray::tui {

// A process, or one of its threads; never the same twice.
struct Subject {
  std::uint32_t pid = 0;
  std::uint64_t start_ns = 0;
  std::uint32_t tid = 0; // 0: the process
  std::uint64_t thread_start_ns = 0;

  bool operator==(const Subject&) const = default;
  bool operator<(const Subject& other) const {
    return std::tie(pid, start_ns, tid, thread_start_ns) <
           std::tie(other.pid, other.start_ns, other.tid, other.thread_start_ns);
  }
  [[nodiscard]] Subject process() const { return {pid, start_ns, 0, 0}; }
};
Subject subject_of(const ProcessSample& process);
Subject subject_of(const ProcessSample& process, const ThreadSample& thread);

class Board {
 public:
  void add(const SamplePtr& current, const SamplePtr& previous);
  // The last sample of a watch: from now on the "interval" is the whole time.
  void conclude(const SamplePtr& last);

  [[nodiscard]] bool empty() const { return whole_ == nullptr; }
  // Differences of the last two samples; those of one while there is no other.
  [[nodiscard]] const Sample& interval() const { return interval_; }
  // Absolute figures since the watch began. Not while empty().
  [[nodiscard]] const Sample& whole() const { return *whole_; }
  [[nodiscard]] bool calls_known() const { return interval_.syscalls.has_value(); }
  [[nodiscard]] double interval_s() const { return static_cast<double>(interval_.wall.elapsed_ns) * 1e-9; }

  [[nodiscard]] const Trace& machine() const { return machine_; }
  // None: not seen for a whole interval yet.
  [[nodiscard]] const Trace* trace(const Subject& process) const;

  // Of the last interval; none: not there any more.
  [[nodiscard]] const ProcessSample* process(const Subject& subject) const;
  [[nodiscard]] const ProcessSample* whole_process(const Subject& subject) const;

  // Something to tell the user, such as that the target has ended.
  std::string notice;

 private:
  void compare(const SamplePtr& current, const Sample& previous);

  SamplePtr whole_;
  Sample interval_;
  Trace machine_;
  std::map<Subject, Trace> traces_;
  std::map<Subject, std::size_t> index_;       // into the processes of the interval
  std::map<Subject, std::size_t> whole_index_; // and of the whole
};

// The thread; null: it is not one of this process's.
const ThreadSample* find_thread(const ProcessSample& process, const Subject& subject);

} // namespace ctxray::tui
