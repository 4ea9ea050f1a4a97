// SPDX-License-Identifier: GPL-2.0-or-later
// Weighs the styles of I/O against one another.
#include "userspace/io_model.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "userspace/format.h"
#include "userspace/shares.h"

namespace ctxray {

namespace {

constexpr double kCallNs = 1'000;     // nominal cost of an I/O call that does not wait
constexpr double kPollNs = 10'000;    // at most, of a call that found nothing with the work around it
constexpr double kByteNs = 0.1;       // and of each byte that it moves
constexpr double kEagainsPerWait = 2; // non-blocking calls that end in EAGAIN for each wait of a multiplexing loop
constexpr double kCallsPerEvent = 4;  // transfers for each event of such a loop
constexpr double kLeastShare = 0.01;  // of the active time: less is no I/O worth a name
constexpr double kLeastNs = 100'000;
constexpr double kLeastFaults = 0.15; // of the active time: page faults below it may be the program's own loading
constexpr double kClear = 0.6;
constexpr double kWorthNaming = 0.05;

using Weights = std::array<double, kIoStyles>;

double& of(Weights& weights, IoStyle style) { return weights[static_cast<std::size_t>(style)]; }

double transfers(const Calls& calls, Transfer kind) {
  return static_cast<double>(calls.transfers[static_cast<std::size_t>(kind)]);
}

double wait_ns(const Totals& totals, std::initializer_list<Reason> reasons) {
  double sum = 0;
  for (const Reason reason : reasons) sum += static_cast<double>(totals.wait(reason).total_ns);
  return sum;
}

// A wait that brought no data, for want of work, names the model only where nothing else does.
constexpr double kIdleWeight = 0.01;

// Where system calls are probed, a wait that no file can be named for was for work, a timer or a mere wakeup.
double event_weight(const Totals& totals, double idle_weight) {
  const WaitTotal& event = totals.wait(Reason::kEvent);
  std::uint64_t idle = event.under_way_ns + totals.event(EventEnd::kTimeout).total_ns;
  if (totals.calls.all > 0) {
    std::uint64_t explained = 0;
    for (const EventEnd end : {EventEnd::kNetwork, EventEnd::kRequest, EventEnd::kPipe, EventEnd::kTerminal})
      explained += totals.event(end).total_ns;
    idle = event.total_ns - std::min(event.total_ns, explained);
  }
  const auto empty = static_cast<double>(std::min(event.total_ns, idle));
  return static_cast<double>(event.total_ns) - empty + idle_weight * empty;
}

double stream_weight(const Totals& totals, std::initializer_list<Reason> reasons, double idle_weight) {
  double sum = 0;
  for (const Reason reason : reasons) {
    const WaitTotal& wait = totals.wait(reason);
    const double idle = static_cast<double>(std::min(wait.total_ns, wait.under_way_ns));
    sum += static_cast<double>(wait.total_ns) - idle + idle_weight * idle;
  }
  return sum;
}

double wait_count(const Totals& totals, std::initializer_list<Reason> reasons) {
  double sum = 0;
  for (const Reason reason : reasons) sum += static_cast<double>(totals.wait(reason).count);
  return sum;
}

// Calls that found nothing and came back at once, beyond what a loop that waits makes.
double empty_calls(const Totals& totals) {
  const Calls& calls = totals.calls;
  const double waits = static_cast<double>(totals.wait(Reason::kEvent).count);
  const double blocked_empty = static_cast<double>(totals.event(EventEnd::kTimeout).count);
  const double eagain = static_cast<double>(calls.would_block) - kEagainsPerWait * static_cast<double>(calls.multiplex);
  const double empty = static_cast<double>(calls.multiplex_empty) - blocked_empty - waits;
  return std::max(0.0, eagain) + std::max(0.0, empty);
}

double polling_ns(const Totals& totals) {
  const double empty = empty_calls(totals), all = static_cast<double>(totals.calls.all);
  const double asked = static_cast<double>(totals.calls.moved()) + empty;
  if (empty <= 0 || all <= 0) return 0;
  const double cpu_ns = static_cast<double>(totals.on_cpu_ns) * std::min(1.0, empty / all);
  double ns = std::clamp(cpu_ns, empty * kCallNs, empty * kPollNs);
  // Who looks again and again and sleeps in between polls all the while.
  if (empty >= asked / 2 && wait_count(totals, {Reason::kSleep}) >= empty / 2) ns += wait_ns(totals, {Reason::kSleep});
  return ns;
}

// The time of threads that could have done I/O: not of those that were parked for work, or waited for others to end.
double active_ns(const Totals& totals) {
  const double parked = wait_ns(totals, {Reason::kParked, Reason::kJoin});
  return std::max(0.0, static_cast<double>(totals.lifetime_ns) - parked);
}

// A large program pages its own code in from a cold disk, whatever it does then.
double mapped_weight(const Totals& totals) {
  const double waited = wait_ns(totals, {Reason::kPageFault});
  if (waited < kLeastFaults * active_ns(totals)) return 0;
  return waited + kCallNs * wait_count(totals, {Reason::kPageFault});
}

Weights weigh(const Totals& totals, double idle_weight) {
  const Calls& calls = totals.calls;
  const std::initializer_list<Reason> streams = {Reason::kNetwork, Reason::kPipe, Reason::kTerminal, Reason::kRequest};
  const double stream_waits = wait_count(totals, streams), disk_waits = wait_count(totals, {Reason::kDisk});
  const double stream_calls =
      transfers(calls, Transfer::kNetwork) + transfers(calls, Transfer::kPipe) + transfers(calls, Transfer::kTerminal);
  const double at_once = std::max(0.0, stream_calls - stream_waits);
  const double multiplexed = std::min(at_once, kCallsPerEvent * static_cast<double>(calls.multiplex_events));
  const double file_at_once = std::max(0.0, transfers(calls, Transfer::kFile) - disk_waits);
  const double file_bytes = static_cast<double>(calls.bytes[static_cast<std::size_t>(Transfer::kFile)]);
  const double file_share = file_at_once / std::max(1.0, transfers(calls, Transfer::kFile));

  Weights weights{};
  of(weights, IoStyle::kBlocking) = stream_weight(totals, streams, idle_weight) + wait_ns(totals, {Reason::kDisk}) +
                                    kCallNs * (at_once - multiplexed + disk_waits);
  of(weights, IoStyle::kPolling) = polling_ns(totals);
  of(weights, IoStyle::kMultiplexing) = event_weight(totals, idle_weight) + kCallNs * multiplexed;
  of(weights, IoStyle::kAsynchronous) =
      wait_ns(totals, {Reason::kAsync}) + kCallNs * static_cast<double>(calls.submitted);
  of(weights, IoStyle::kMemoryMapped) = mapped_weight(totals);
  of(weights, IoStyle::kPageCache) =
      std::min(kCallNs * file_at_once + kByteNs * file_bytes * file_share, static_cast<double>(totals.on_cpu_ns));
  return weights;
}

std::string count_of(double count) { return format_count(count); }
std::string time_of(double ns) { return format_duration(static_cast<std::uint64_t>(ns)); }

std::string evidence_of(IoStyle style, const Totals& totals) {
  const Calls& calls = totals.calls;
  switch (style) {
    case IoStyle::kBlocking: {
      const std::initializer_list<Reason> reasons = {Reason::kDisk, Reason::kNetwork, Reason::kPipe, Reason::kTerminal,
                                                     Reason::kRequest};
      return fmt::format("{} I/O calls waited inside the call, for {} in all", count_of(wait_count(totals, reasons)),
                         time_of(wait_ns(totals, reasons)));
    }
    case IoStyle::kPolling:
      return fmt::format("{} calls found nothing and came back at once (EAGAIN or no event), beside {} that moved data",
                         count_of(static_cast<double>(calls.would_block + calls.multiplex_empty)),
                         count_of(static_cast<double>(calls.moved())));
    case IoStyle::kMultiplexing:
      return fmt::format("{} waits in select, poll or epoll for {} in all, {:.1f} events for each call that had any",
                         count_of(wait_count(totals, {Reason::kEvent})), time_of(wait_ns(totals, {Reason::kEvent})),
                         static_cast<double>(calls.multiplex_events) /
                             static_cast<double>(std::max<std::uint64_t>(
                                 calls.multiplex - std::min(calls.multiplex, calls.multiplex_empty), 1)));
    case IoStyle::kAsynchronous:
      return fmt::format("{} requests in {} submissions (io_uring or libaio), {} waits for completions for {} in all",
                         count_of(static_cast<double>(calls.submitted)), count_of(static_cast<double>(calls.submits)),
                         count_of(wait_count(totals, {Reason::kAsync})), time_of(wait_ns(totals, {Reason::kAsync})));
    case IoStyle::kMemoryMapped:
      return fmt::format("{} page faults waited for the disk, for {} in all",
                         count_of(wait_count(totals, {Reason::kPageFault})),
                         time_of(wait_ns(totals, {Reason::kPageFault})));
    case IoStyle::kPageCache:
      return fmt::format("{} file reads and writes, of which {} waited for the disk",
                         count_of(transfers(calls, Transfer::kFile)), count_of(wait_count(totals, {Reason::kDisk})));
  }
  return {};
}

double sum_of(const Weights& weights) { return std::accumulate(weights.begin(), weights.end(), 0.0); }

// Waits for work count in full where they are what a program does: not beside a thread that computes.
double worth_naming_ns(const Totals& totals) {
  constexpr double kIdlePerCpu = 4;
  const double idle = sum_of(weigh(totals, 1)) - sum_of(weigh(totals, 0));
  return sum_of(weigh(totals, idle > kIdlePerCpu * static_cast<double>(totals.on_cpu_ns) ? 1 : kIdleWeight));
}

} // namespace

std::string_view io_style_name(IoStyle style) {
  static constexpr std::array<std::string_view, kIoStyles> kNames = {
      "blocking", "non-blocking polling", "multiplexing", "asynchronous", "memory-mapped", "page cache"};
  return kNames[static_cast<std::size_t>(style)];
}

IoModel name_io_model(const Totals& totals, bool calls_known) {
  const Weights weights = weigh(totals, kIdleWeight);
  const double all = sum_of(weights);
  IoModel model;
  if (worth_naming_ns(totals) < std::max(kLeastNs, kLeastShare * active_ns(totals))) {
    model.name = "none";
    model.evidence = calls_known ? fmt::format("{} I/O calls, no time worth naming",
                                               count_of(static_cast<double>(totals.calls.moved())))
                                 : "no waits for I/O; system calls were not looked at";
    return model;
  }
  for (std::size_t i = 0; i < kIoStyles; ++i)
    if (weights[i] >= kWorthNaming * all) model.parts.push_back({static_cast<IoStyle>(i), weights[i] / all});
  std::stable_sort(model.parts.begin(), model.parts.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  model.share = model.parts[0].share;
  model.evidence = evidence_of(model.parts[0].style, totals);
  model.name = io_style_name(model.parts[0].style);
  if (model.share >= kClear) return model;
  model.name = "mixture";
  if (model.parts.size() > 1) model.evidence += "; " + evidence_of(model.parts[1].style, totals);
  return model;
}

} // namespace ctxray
