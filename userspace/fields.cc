// SPDX-License-Identifier: GPL-2.0-or-later
// The fields, and how each is computed from an interval.
#include "userspace/fields.h"

namespace ctxray {

namespace {

using Value = std::optional<double>;

Value of_elapsed(const GroupView& view, std::uint64_t ns) {
  const std::uint64_t elapsed = view.interval.wall.elapsed_ns;
  if (elapsed == 0) return std::nullopt;
  return static_cast<double>(ns) / static_cast<double>(elapsed);
}

Value per_second(const GroupView& view, std::uint64_t count) {
  const std::uint64_t elapsed = view.interval.wall.elapsed_ns;
  if (elapsed == 0) return std::nullopt;
  return static_cast<double>(count) * 1e9 / static_cast<double>(elapsed);
}

Value interrupts_per_second(const GroupView& view, const std::optional<std::vector<InterruptSample>>& interrupts) {
  if (!interrupts) return std::nullopt;
  std::uint64_t count = 0;
  for (const InterruptSample& interrupt : *interrupts) count += interrupt.count;
  return per_second(view, count);
}

} // namespace

const std::vector<Field>& fields() {
  static const std::vector<Field> kFields = {
      {"cpu", "cpu", "wall clock %", Unit::kShare, 5, "ctxray_wall_cpu_ratio", "time with a thread running",
       [](const GroupView& m) { return of_elapsed(m, m.interval.wall.cpu_ns()); }},
      {"starved", "strv", "wall clock %", Unit::kShare, 5, "ctxray_wall_starved_ratio",
       "time with none running and one ready to run",
       [](const GroupView& m) { return of_elapsed(m, m.interval.wall.starved_ns); }},
      {"io", "io", "wall clock %", Unit::kShare, 5, "ctxray_wall_io_ratio",
       "time with all waiting, one of them for I/O",
       [](const GroupView& m) { return of_elapsed(m, m.interval.wall.io_ns); }},
      {"event", "evnt", "wall clock %", Unit::kShare, 5, "ctxray_wall_event_ratio",
       "time with all waiting, one of them for events",
       [](const GroupView& m) { return of_elapsed(m, m.interval.wall.event_ns); }},
      {"lock", "lock", "wall clock %", Unit::kShare, 5, "ctxray_wall_lock_ratio",
       "time with all waiting, one of them for a lock",
       [](const GroupView& m) { return of_elapsed(m, m.interval.wall.lock_ns); }},
      {"idle", "idle", "wall clock %", Unit::kShare, 5, "ctxray_wall_idle_ratio", "the rest of the time",
       [](const GroupView& m) { return of_elapsed(m, m.interval.wall.idle_ns); }},
      {"running", "run", "threads", Unit::kCount, 6, "ctxray_threads_running", "threads running, on average",
       [](const GroupView& m) { return Value(m.group.parallelism_average); }},
      {"in_flight", "busy", "threads", Unit::kCount, 6, "ctxray_threads_in_flight",
       "threads running, runnable or in I/O, on average",
       [](const GroupView& m) { return Value(m.group.in_flight_average); }},
      {"voluntary", "vol", "switches/s", Unit::kPerSecond, 7, "ctxray_switches_voluntary_per_second",
       "switches out because the thread blocked",
       [](const GroupView& m) { return per_second(m, m.interval.totals.voluntary); }},
      {"involuntary", "invol", "switches/s", Unit::kPerSecond, 7, "ctxray_switches_involuntary_per_second",
       "switches out of a thread that could have gone on",
       [](const GroupView& m) { return per_second(m, m.interval.totals.involuntary); }},
      {"hard", "hard", "irqs/s", Unit::kPerSecond, 6, "ctxray_interrupts_hard_per_second",
       "hard interrupts of the machine", [](const GroupView& m) { return interrupts_per_second(m, m.interval.hard); }},
      {"soft", "soft", "irqs/s", Unit::kPerSecond, 6, "ctxray_interrupts_soft_per_second",
       "soft interrupts of the machine", [](const GroupView& m) { return interrupts_per_second(m, m.interval.soft); }},
  };
  return kFields;
}

} // namespace ctxray
