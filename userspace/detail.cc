// SPDX-License-Identifier: GPL-2.0-or-later
// Picks the words from the longest waits and the busiest states.
#include "userspace/detail.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "userspace/format.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

constexpr double kMostlyKernel = 0.6;
constexpr double kCrowded = 1.25; // threads that want a CPU, for each CPU

// What a thread without work waits for, in words, with the time that goes to each.
std::string_view idle_word(Reason reason) {
  switch (reason) {
    case Reason::kSleep:
      return "sleeping";
    case Reason::kChild:
      return "waiting for a child";
    case Reason::kJoin:
      return "waiting for a thread to end";
    case Reason::kTerminal:
      return "waiting for a person";
    case Reason::kSignal:
      return "stopped or waiting for a signal";
    default:
      return "waiting for work";
  }
}

struct IdleTime {
  std::string_view word;
  std::uint64_t ns = 0;
};

void add_idle(std::vector<IdleTime>& times, std::string_view word, std::uint64_t ns) {
  auto found = std::find_if(times.begin(), times.end(), [&](const IdleTime& time) { return time.word == word; });
  if (found == times.end())
    times.push_back({word, ns});
  else
    found->ns += ns;
}

std::vector<IdleTime> idle_times(const Totals& totals) {
  std::vector<IdleTime> times;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (wall_class(reason) == WallClass::kIdle) add_idle(times, idle_word(reason), totals.waits[i].total_ns);
  }
  const std::uint64_t timeouts = totals.event(EventEnd::kTimeout).total_ns;
  const std::uint64_t person = totals.event(EventEnd::kTerminal).total_ns;
  const std::uint64_t events = totals.wait(Reason::kEvent).total_ns;
  add_idle(times, "sleeping", timeouts);
  add_idle(times, "waiting for a person", person);
  add_idle(times, "waiting for work", events - std::min(events, timeouts + person));
  add_idle(times, "waiting for work", totals.wait(Reason::kRequest).total_ns);
  add_idle(times, "waiting for work", totals.wait(Reason::kPipe).under_way_ns);
  add_idle(times, "waiting for work", totals.wait(Reason::kAsync).under_way_ns);
  return times;
}

std::string_view manner_suffix(IoManner manner) {
  switch (manner) {
    case IoManner::kOneAtATime:
      return ", one at a time";
    case IoManner::kOverlapped:
      return ", overlapped";
    case IoManner::kMultiplexed:
      return ", multiplexed";
    case IoManner::kAsynchronous:
      return ", asynchronous";
  }
  return "";
}

std::string lock_detail(const Totals& totals) {
  return totals.wait(Reason::kFileLock).total_ns > totals.wait(Reason::kLock).total_ns ? "file lock" : "contended lock";
}

// What would be left to say if it had all the CPUs it wants.
VerdictClass without_starvation(const Evidence& evidence) {
  const Shares shares = shares_of(evidence);
  if (shares.cpu >= std::max({shares.io, shares.lock, shares.idle})) return VerdictClass::kCpuBound;
  if (shares.io >= std::max(shares.lock, shares.idle)) return VerdictClass::kIoBound;
  return shares.lock >= shares.idle ? VerdictClass::kLockBound : VerdictClass::kIdle;
}

std::string mixed_detail(const Evidence& evidence) {
  const Shares shares = shares_of(evidence);
  if (takes_turns_untold(evidence))
    return cpu_detail(evidence) +
           (shares.handover >= Thresholds{}.handing_over ? ": handing over" : ": a lock, or work handed over");
  std::vector<std::pair<double, std::string>> parts = {
      {shares.cpu, "cpu"},   {shares.starved, "starved"},       {shares.io, io_detail(evidence)},
      {shares.lock, "lock"}, {shares.handover, "handing over"}, {shares.idle, idle_detail(evidence.totals)}};
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return fmt::format("{} {}, {} {}", parts[0].second, format_percent(parts[0].first), parts[1].second,
                     format_percent(parts[1].first));
}

} // namespace

std::string idle_detail(const Totals& totals) {
  std::vector<IdleTime> times = idle_times(totals);
  // In a followed tree, who waits for a child or for a thread waits for what that one does.
  const auto waits_for_own = [](const IdleTime& time) {
    return time.word == idle_word(Reason::kChild) || time.word == idle_word(Reason::kJoin);
  };
  std::stable_sort(times.begin(), times.end(), [&](const IdleTime& a, const IdleTime& b) {
    const bool a_last = waits_for_own(a) || a.ns == 0, b_last = waits_for_own(b) || b.ns == 0;
    return a_last != b_last ? b_last : a.ns > b.ns;
  });
  return times.front().ns == 0 ? "waiting" : std::string(times.front().word);
}

// Longest first; those that matter little beside the first are left out.
std::string io_detail(const Evidence& evidence) {
  constexpr std::uint64_t kLeastPart = 4;
  const IoTime time = io_time(evidence);
  // Of members that hand work over to one another, only the way onto the CPU is left.
  if (static_cast<double>(time.total_ns()) * 10 <
      shares_of(evidence).io * static_cast<double>(evidence.wall.elapsed_ns))
    return "handing over";
  std::array<std::size_t, kIoKinds> order{};
  for (std::size_t i = 0; i < kIoKinds; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return time.kind_ns[a] > time.kind_ns[b]; });
  std::string names;
  for (const std::size_t i : order) {
    if (time.kind_ns[i] == 0 || time.kind_ns[i] * kLeastPart < time.kind_ns[order[0]]) break;
    // An event wait beside other I/O, as of a thread that only looks on, explains little of the wall clock.
    if (!names.empty() && time.state_ns > 0 && evidence.wall.event_ns * kLeastPart < evidence.wall.io_ns &&
        static_cast<IoKind>(i) == IoKind::kEvent)
      continue;
    names += names.empty() ? "" : ", ";
    names += io_kind_name(static_cast<IoKind>(i));
  }
  return names.empty() ? "I/O" : names;
}

bool runs_one_at_a_time(const Wall& wall) {
  constexpr double kOneAtATime = 0.9;
  return !wall.running_ns.empty() && ratio(wall.running_ns[0], wall.cpu_ns()) >= kOneAtATime;
}

namespace {

// Somebody runs nearly always, mostly just one, though others would: who waits for its turn may spin before it parks.
bool mostly_one_and_hardly_none(const Wall& wall) {
  constexpr double kMostlyOne = 0.6; // threads that know nothing of one another run together more often
  constexpr double kHardlyNone = 0.95;
  return !wall.running_ns.empty() && ratio(wall.running_ns[0], wall.cpu_ns()) >= kMostlyOne &&
         ratio(wall.cpu_ns(), wall.elapsed_ns) >= kHardlyNone;
}

} // namespace

bool takes_turns(const Evidence& evidence) {
  const Wall& wall = evidence.wall;
  const bool mostly_cpu = 2 * wall.cpu_ns() >= wall.elapsed_ns;
  constexpr double kMostOfOne = 0.8; // a thread that is at work nearly all of the time takes no turns
  const bool shared = ratio(evidence.busiest_ns, wall.cpu_ns()) < kMostOfOne;
  // Who is ready to run all the while waits for a CPU that others have, and for nobody's turn.
  const Totals& totals = evidence.totals;
  const std::uint64_t others_ns =
      totals.wait(Reason::kGil).total_ns + totals.wait(Reason::kParked).total_ns + totals.wait(Reason::kLock).total_ns;
  const bool squeezed = totals.run_queue_ns > 2 * (others_ns + totals.wakeup_latency_ns);
  return evidence.busy_threads >= 2 && shared && !squeezed && evidence.cpus > 1 && mostly_cpu &&
         (runs_one_at_a_time(wall) || mostly_one_and_hardly_none(wall));
}

namespace {

// All but one of those who take turns wait for it, this part of the time or more.
bool turns_wait(const Evidence& evidence, std::uint64_t waits_ns, double part) {
  const double waiting = static_cast<double>(evidence.busy_threads) - 1;
  return takes_turns(evidence) &&
         static_cast<double>(waits_ns) >= part * waiting * static_cast<double>(evidence.wall.elapsed_ns);
}

} // namespace

bool takes_turns_under_gil(const Evidence& evidence) {
  constexpr double kPart = 0.25;
  return turns_wait(evidence, evidence.totals.wait(Reason::kGil).total_ns, kPart);
}

bool takes_turns_untold(const Evidence& evidence) {
  constexpr double kPart = 0.5;
  const Totals& totals = evidence.totals;
  return !takes_turns_under_gil(evidence) &&
         turns_wait(evidence, totals.wait(Reason::kParked).total_ns + totals.wait(Reason::kLock).total_ns, kPart);
}

std::string cpu_detail(const Evidence& evidence) {
  const Totals& totals = evidence.totals;
  const Wall& wall = evidence.wall;
  const std::uint64_t cpu_ns = wall.cpu_ns();
  const bool kernel = ratio(totals.system_ns, totals.user_ns + totals.system_ns) >= kMostlyKernel;
  const std::string what = kernel ? "kernel" : "compute";
  // In the starved state and on the way to an idle CPU none of them runs: that is no crowd.
  const std::uint64_t apart_ns = totals.wakeup_latency_ns + wall.starved_ns;
  const std::uint64_t crowded_ns = totals.run_queue_ns - std::min(totals.run_queue_ns, apart_ns);
  const double wanted =
      cpu_ns == 0 ? 0 : static_cast<double>(totals.on_cpu_ns + crowded_ns) / static_cast<double>(cpu_ns);
  const std::string cpus = format_cpus(evidence.cpus);
  const bool alone = runs_one_at_a_time(wall);
  if (takes_turns_under_gil(evidence))
    return fmt::format("{}, one at a time under the GIL ({} threads on {})", what, evidence.busy_threads, cpus);
  if (takes_turns(evidence)) return fmt::format("{}, {} threads take turns on {}", what, evidence.busy_threads, cpus);
  if (alone && evidence.cpus > 1) return what + ", one thread on " + cpus;
  if (wanted > kCrowded * evidence.cpus && wanted >= 2)
    return fmt::format("{}, more threads than CPUs ({:.1f} for {})", what, wanted, cpus);
  if (alone) return what + ", one thread";
  return fmt::format("{}, {:.1f} threads at once on {}", what,
                     cpu_ns == 0 ? 0 : static_cast<double>(totals.on_cpu_ns) / static_cast<double>(cpu_ns), cpus);
}

std::string detail_of(VerdictClass verdict_class, const Evidence& evidence) {
  switch (verdict_class) {
    case VerdictClass::kCpuBound:
      return cpu_detail(evidence);
    case VerdictClass::kIoBound:
      return io_detail(evidence) + std::string(manner_suffix(io_manner(evidence)));
    case VerdictClass::kLockBound:
      return lock_detail(evidence.totals);
    case VerdictClass::kStarved:
      return "waiting for a CPU; with one, " + std::string(verdict_name(without_starvation(evidence)));
    case VerdictClass::kIdle:
      return idle_detail(evidence.totals);
    case VerdictClass::kMixed:
      return mixed_detail(evidence);
    case VerdictClass::kUnsure:
      return "too little was seen";
  }
  return {};
}

} // namespace ctxray
