// SPDX-License-Identifier: GPL-2.0-or-later
// Splits the wall clock's states by how their waits ended.
#include "userspace/shares.h"

#include <algorithm>
#include <numeric>

#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

constexpr std::uint64_t kBusyServerNs = 1'000'000; // requests that come faster keep a server busy

std::uint64_t ended_ns(const WaitTotal& wait) { return wait.total_ns - std::min(wait.total_ns, wait.under_way_ns); }

std::uint64_t& of(IoTime& time, IoKind kind) { return time.kind_ns[static_cast<std::size_t>(kind)]; }

struct WaitCounts {
  std::uint64_t io = 0;
  std::uint64_t lock = 0;
  std::uint64_t handed = 0; // ended by another thread that had work for it, or had done its own
  std::uint64_t all = 0;
};

bool is_handed_work(Reason reason) {
  return reason == Reason::kParked || reason == Reason::kChild || reason == Reason::kJoin;
}

WaitCounts count_waits(const Totals& totals) {
  WaitCounts counts;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const std::uint64_t count = totals.waits[i].count;
    const WallClass wall = wall_class(static_cast<Reason>(i));
    counts.all += count;
    if (wall == WallClass::kIo) counts.io += count;
    if (wall == WallClass::kEvent) counts.io += count - std::min(count, totals.event(EventEnd::kTimeout).count);
    if (wall == WallClass::kLock) counts.lock += count;
    if (is_handed_work(static_cast<Reason>(i))) counts.handed += count;
  }
  return counts;
}

// Event waits that ended, but nothing tells for what: not by a timer in any case. Where system calls are seen, no
// transfer followed, so it was no I/O.
std::uint64_t unexplained_event_ns(const Totals& totals) {
  if (totals.calls.all > 0) return 0;
  std::uint64_t explained = 0;
  for (const Tally& tally : totals.events) explained += tally.total_ns;
  const std::uint64_t ended = ended_ns(totals.wait(Reason::kEvent));
  return ended - std::min(ended, explained);
}

} // namespace

std::string_view io_kind_name(IoKind kind) {
  static constexpr std::array<std::string_view, kIoKinds> kNames = {"disk",  "network",     "pipe",
                                                                    "async", "page faults", "events"};
  return kNames[static_cast<std::size_t>(kind)];
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

IoTime io_time(const Evidence& evidence) {
  const Totals& totals = evidence.totals;
  IoTime time;
  of(time, IoKind::kDisk) = totals.wait(Reason::kDisk).total_ns;
  of(time, IoKind::kPageFault) = totals.wait(Reason::kPageFault).total_ns;
  of(time, IoKind::kNetwork) = totals.wait(Reason::kNetwork).total_ns;
  of(time, IoKind::kAsync) = ended_ns(totals.wait(Reason::kAsync));
  const std::uint64_t pipe = ended_ns(totals.wait(Reason::kPipe));
  of(time, IoKind::kPipe) = pipe - std::min(pipe, evidence.internal_pipe_ns);
  time.state_ns = std::accumulate(time.kind_ns.begin(), time.kind_ns.end(), std::uint64_t{0});

  const WaitTotal& request = totals.wait(Reason::kRequest);
  const Tally& event_request = totals.event(EventEnd::kRequest);
  const std::uint64_t requests = request.count + event_request.count;
  std::uint64_t requests_ns = ended_ns(request) + event_request.total_ns;
  if (requests_ns > requests * kBusyServerNs) requests_ns = 0;
  const std::uint64_t network = totals.event(EventEnd::kNetwork).total_ns + requests_ns;
  const std::uint64_t event_pipe = totals.event(EventEnd::kPipe).total_ns;
  const std::uint64_t unexplained = unexplained_event_ns(totals);
  of(time, IoKind::kNetwork) += network;
  of(time, IoKind::kPipe) += event_pipe;
  of(time, IoKind::kEvent) += unexplained;
  time.event_ns = network + event_pipe + unexplained;
  return time;
}

Shares shares_of(const Evidence& evidence) {
  const Wall& wall = evidence.wall;
  const Totals& totals = evidence.totals;
  const std::uint64_t whole = wall.elapsed_ns;
  const IoTime io = io_time(evidence);
  const double latency = ratio(totals.wakeup_latency_ns, totals.run_queue_ns);
  const double starved = ratio(wall.starved_ns, whole);
  const WaitCounts waits = count_waits(totals);
  Shares shares;
  shares.cpu = ratio(wall.cpu_ns(), whole);
  shares.starved = (1 - latency) * starved;
  shares.io = std::min(ratio(wall.io_ns, whole), ratio(io.state_ns, whole)) +
              std::min(ratio(wall.event_ns, whole), ratio(io.event_ns, whole)) +
              latency * ratio(waits.io, waits.all) * starved;
  shares.lock = ratio(wall.lock_ns, whole) + std::min(ratio(totals.idle_lock_ns, whole), ratio(wall.idle_ns, whole)) +
                latency * ratio(waits.lock, waits.all) * starved;
  shares.handover = latency * ratio(waits.handed, waits.all) * starved;
  shares.idle = std::max(0.0, 1 - shares.cpu - shares.starved - shares.io - shares.lock - shares.handover);
  return shares;
}

Wall wall_of_thread(const Totals& totals) {
  Wall wall;
  wall.elapsed_ns = totals.lifetime_ns;
  wall.running_ns = {totals.on_cpu_ns};
  wall.starved_ns = totals.run_queue_ns;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const std::uint64_t ns = totals.waits[i].total_ns;
    switch (wall_class(static_cast<Reason>(i))) {
      case WallClass::kIo:
        wall.io_ns += ns;
        break;
      case WallClass::kEvent:
        wall.event_ns += ns;
        break;
      case WallClass::kLock:
        wall.lock_ns += ns;
        break;
      default:
        wall.idle_ns += ns;
    }
  }
  return wall;
}

} // namespace ctxray
