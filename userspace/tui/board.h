// SPDX-License-Identifier: GPL-2.0-or-later
// All that the views show: the last interval, the whole time, and the traces of the last minutes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "userspace/model.h"
#include "userspace/resting.h"
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

// What is known of a process.
struct Entry {
  Resting whole;                      // since the watch began, as it was at `as_of_ns`
  std::uint64_t as_of_ns = 0;         // nothing has happened to it since
  ProcessSample interval;             // of the last interval; its threads: threads()
  bool quiet = false;                 // nothing happened in the last interval
  PerReason<std::uint16_t> waiting{}; // of a quiet process: threads, by what they wait for
  Trace trace;
  StateTimes states{};     // of the last interval, as judged
  Classified classified;   // by the last interval alone
  std::uint64_t round = 0; // the last one that it was in

  // In the last interval. Those of a quiet process are made when they are asked for, and kept as long as it is quiet.
  [[nodiscard]] const std::vector<ThreadSample>& threads() const;
  [[nodiscard]] ProcessSample interval_with_threads() const;

  mutable std::vector<ThreadSample> asleep; // what threads() has made
};

// Takes samples of changes: see Sample::quiet.
class Board {
 public:
  Board() = default;
  // A copy shows its own entries, whatever becomes of the original.
  Board(const Board& other);
  Board& operator=(const Board& other);
  Board(Board&&) = default;
  Board& operator=(Board&&) = default;
  ~Board() = default;

  // The first sample of a watch: there is no interval yet, but it shows who is there.
  void begin(const SamplePtr& first);
  void add(const SamplePtr& current, const SamplePtr& previous);
  // The last sample of a watch: from now on the "interval" is the whole time.
  void conclude(const SamplePtr& last);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // Processes that are known, those that have ended included.
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  // Differences of the last two samples; but for its processes, which are below.
  [[nodiscard]] const SystemSample& interval() const { return interval_; }
  // What the verdict on all rests on.
  [[nodiscard]] const Evidence& evidence() const { return evidence_; }
  [[nodiscard]] bool calls_known() const { return interval_.syscalls.has_value(); }
  [[nodiscard]] double interval_s() const { return static_cast<double>(interval_.wall.elapsed_ns) * 1e-9; }
  // Part of the interval, and count for each second of it; 0 where no time has passed.
  [[nodiscard]] double of_interval(std::uint64_t ns) const;
  [[nodiscard]] double per_second(std::uint64_t count) const;

  // Processes of the last interval, also those that ended in it.
  [[nodiscard]] const std::vector<const Entry*>& present() const { return present_; }
  // None: it is not known any more.
  [[nodiscard]] const Entry* find(const Subject& subject) const;
  // Since the watch began, up to now.
  [[nodiscard]] std::optional<ProcessSample> whole(const Subject& subject) const;

  [[nodiscard]] const Trace& machine() const { return machine_; }

  // Something to tell the user, such as that the target has ended.
  std::string notice;

 private:
  void take_changed(const ProcessSample& process, std::uint64_t before_ns);
  void take_quiet(const std::vector<ProcessIdentity>& quiet);
  void take_quiet(Entry& entry);
  void judge(Entry& entry);
  void show_whole(const Sample& sample);
  void forget_ended();
  void sum_up();

  // What is shown are the entries of the last round.
  std::map<Subject, Entry> entries_;
  std::vector<const Entry*> present_;
  std::vector<Entry*> quiet_; // of the last round, in the order of the sample
  std::uint64_t round_ = 0;   // samples taken
  SystemSample interval_;
  Evidence evidence_;
  Trace machine_;
};

// The thread; null: it is not one of these.
const ThreadSample* find_thread(const std::vector<ThreadSample>& threads, const Subject& subject);

} // namespace ctxray::tui
