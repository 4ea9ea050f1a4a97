// SPDX-License-Identifier: GPL-2.0-or-later
// Judges from the wall-clock shares.
#include "userspace/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "userspace/format.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

std::uint64_t ended_ns(const WaitTotal& wait) { return wait.total_ns - std::min(wait.total_ns, wait.under_way_ns); }

// The reason of this class with the most thread time; none where there was no such wait.
std::optional<Reason> longest_wait(const Totals& totals, WallClass wanted) {
  std::optional<Reason> longest;
  std::uint64_t longest_ns = 0;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    // An event wait that a wake ended was I/O, one that a timer ended was a sleep.
    const bool event = reason == Reason::kEvent && (wanted == WallClass::kIo || wanted == WallClass::kIdle);
    if (wall_class(reason) != wanted && !event) continue;
    std::uint64_t ns = totals.waits[i].total_ns;
    if (event && wanted == WallClass::kIo)
      ns = ended_ns(totals.waits[i]) - std::min(ended_ns(totals.waits[i]), totals.event_timeout_ns);
    if (ns > longest_ns) {
      longest_ns = ns;
      longest = reason;
    }
  }
  return longest;
}

struct WaitCounts {
  std::uint64_t io = 0;
  std::uint64_t lock = 0;
  std::uint64_t all = 0;
};

WaitCounts count_waits(const Totals& totals) {
  WaitCounts counts;
  for (std::size_t i = 0; i < kReasons; ++i) {
    const std::uint64_t count = totals.waits[i].count;
    const WallClass wall = wall_class(static_cast<Reason>(i));
    counts.all += count;
    if (wall == WallClass::kIo) counts.io += count;
    if (wall == WallClass::kEvent) counts.io += count - std::min(count, totals.event_timeouts);
    if (wall == WallClass::kLock) counts.lock += count;
  }
  return counts;
}

std::string idle_detail(const Totals& totals) {
  // In a followed tree, who waits for a child waits for what the child does.
  Totals without_children = totals;
  without_children.waits[static_cast<std::size_t>(Reason::kChild)] = {};
  std::optional<Reason> reason = longest_wait(without_children, WallClass::kIdle);
  if (!reason) reason = longest_wait(totals, WallClass::kIdle);
  if (!reason) return "waiting";
  switch (*reason) {
    case Reason::kSleep:
      return "sleeping";
    case Reason::kEvent:
      return totals.event_timeout_ns * 2 > totals.wait(Reason::kEvent).total_ns ? "sleeping" : "waiting for work";
    case Reason::kChild:
      return "waiting for a child";
    case Reason::kTerminal:
      return "waiting for a person";
    case Reason::kSignal:
      return "stopped or waiting for a signal";
    default:
      return "waiting for work";
  }
}

// The kinds of I/O, longest first; those that matter little beside the first are left out.
std::string io_detail(const Evidence& evidence) {
  constexpr std::uint64_t kLeastPart = 4;
  std::string names;
  std::uint64_t longest_ns = 0;
  Totals rest = evidence.totals;
  // An event wait beside other work, as of a thread that only looks on, explains little of the wall clock.
  if (evidence.wall.event_ns * kLeastPart < evidence.wall.io_ns)
    rest.waits[static_cast<std::size_t>(Reason::kEvent)] = {};
  while (const std::optional<Reason> reason = longest_wait(rest, WallClass::kIo)) {
    WaitTotal& wait = rest.waits[static_cast<std::size_t>(*reason)];
    longest_ns = std::max(longest_ns, wait.total_ns);
    if (wait.total_ns * kLeastPart < longest_ns) break;
    names += names.empty() ? "" : ", ";
    names += reason_name(*reason);
    wait = {};
  }
  return names.empty() ? "I/O" : names;
}

std::string cpu_detail(const Wall& wall) {
  const std::uint64_t cpu_ns = wall.cpu_ns();
  if (!wall.running_ns.empty() && ratio(wall.running_ns[0], cpu_ns) >= 0.9) return "one thread at a time";
  double weighted = 0;
  for (std::size_t k = 0; k < wall.running_ns.size(); ++k)
    weighted += static_cast<double>(k + 1) * static_cast<double>(wall.running_ns[k]);
  return fmt::format("{:.1f} threads at once", cpu_ns == 0 ? 0 : weighted / static_cast<double>(cpu_ns));
}

struct Candidate {
  VerdictClass verdict_class;
  double share;
};

Candidate decide(const Shares& shares, const Thresholds& thresholds, double& confidence) {
  const double demand = shares.cpu + shares.starved;
  std::array<Candidate, 4> candidates = {{{VerdictClass::kCpuBound, demand},
                                          {VerdictClass::kIoBound, shares.io},
                                          {VerdictClass::kLockBound, shares.lock},
                                          {VerdictClass::kIdle, shares.idle}}};
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.share > b.share; });
  const Candidate& best = candidates[0];
  // How far from the border between clear and mixed: 0 on it, 1 far away.
  const double least = std::max(thresholds.clear, thresholds.ahead * candidates[1].share);
  confidence = 0.5 + 0.5 * std::min(1.0, std::abs(best.share - least) / 0.3);
  if (best.share < least) return {VerdictClass::kMixed, best.share};
  if (best.verdict_class == VerdictClass::kCpuBound && shares.starved >= thresholds.starved_of_demand * demand)
    return {VerdictClass::kStarved, shares.starved};
  return best;
}

std::string detail_of(VerdictClass verdict_class, const Evidence& evidence) {
  switch (verdict_class) {
    case VerdictClass::kCpuBound:
      return cpu_detail(evidence.wall);
    case VerdictClass::kIoBound:
      return io_detail(evidence);
    case VerdictClass::kLockBound:
      return "waiting for locks";
    case VerdictClass::kStarved:
      return "ready to run, but waiting for a CPU";
    case VerdictClass::kIdle:
      return idle_detail(evidence.totals);
    case VerdictClass::kMixed:
      return "no single cause";
    case VerdictClass::kUnsure:
      return "too little was seen";
  }
  return {};
}

void add_reason(std::vector<std::string>& reasons, double share, std::string_view what, std::uint64_t elapsed_ns) {
  if (share >= 0.005)
    reasons.push_back(fmt::format("{} for {} of {}", what, format_percent(share), format_duration(elapsed_ns)));
}

std::vector<std::string> reasons_of(const Evidence& evidence, const Shares& shares) {
  const std::uint64_t elapsed = evidence.wall.elapsed_ns;
  std::vector<std::pair<double, std::string>> sentences = {
      {shares.cpu, "on CPU"},
      {shares.starved, "ready to run without a CPU"},
      {shares.io, fmt::format("waiting for I/O ({})", io_detail(evidence))},
      {shares.lock, "waiting for locks"},
      {shares.idle, fmt::format("idle ({})", idle_detail(evidence.totals))}};
  std::stable_sort(sentences.begin(), sentences.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> reasons;
  for (const auto& [share, what] : sentences) add_reason(reasons, share, what, elapsed);
  return reasons;
}

} // namespace

std::string_view verdict_name(VerdictClass verdict_class) {
  static constexpr std::array<std::string_view, 7> kNames = {"cpu-bound", "io-bound", "lock-bound", "starved",
                                                             "idle",      "mixed",    "unsure"};
  return kNames[static_cast<std::size_t>(verdict_class)];
}

Shares shares_of(const Wall& wall, const Totals& totals) {
  const WaitTotal& event = totals.wait(Reason::kEvent);
  const WaitTotal& lock = totals.wait(Reason::kLock);
  const std::uint64_t ended = ended_ns(event);
  const double event_io = ratio(ended - std::min(ended, totals.event_timeout_ns), event.total_ns);
  const double lock_ended = lock.total_ns == 0 ? 1 : ratio(ended_ns(lock), lock.total_ns);
  const double latency = ratio(totals.wakeup_latency_ns, totals.run_queue_ns);
  const std::uint64_t whole = wall.elapsed_ns;
  const double starved = ratio(wall.starved_ns, whole);
  const WaitCounts waits = count_waits(totals);
  Shares shares;
  shares.cpu = ratio(wall.cpu_ns(), whole);
  shares.starved = (1 - latency) * starved;
  shares.io = ratio(wall.io_ns, whole) + event_io * ratio(wall.event_ns, whole) +
              latency * ratio(waits.io, waits.all) * starved;
  shares.lock = lock_ended * ratio(wall.lock_ns, whole) + latency * ratio(waits.lock, waits.all) * starved;
  shares.idle = std::max(0.0, 1 - shares.cpu - shares.starved - shares.io - shares.lock);
  return shares;
}

Verdict judge(const Evidence& evidence, const Thresholds& thresholds) {
  const Shares shares = shares_of(evidence.wall, evidence.totals);
  const std::uint64_t elapsed = evidence.wall.elapsed_ns;
  const std::uint64_t seen = evidence.totals.voluntary + evidence.totals.involuntary + 1;
  Verdict verdict;
  verdict.reasons = reasons_of(evidence, shares);
  double confidence = 0;
  verdict.verdict_class = decide(shares, thresholds, confidence).verdict_class;
  confidence *= std::sqrt(ratio(elapsed, thresholds.enough_ns));
  confidence *= 1 - std::min(1.0, ratio(evidence.lost, seen) / thresholds.lost_all);
  if (elapsed < thresholds.short_ns)
    verdict.reasons.push_back(fmt::format("only {} was seen", format_duration(elapsed)));
  if (evidence.lost > 0) verdict.reasons.push_back(fmt::format("{} events were lost", evidence.lost));
  if (elapsed < thresholds.short_ns || confidence < thresholds.least_confidence)
    verdict.verdict_class = VerdictClass::kUnsure;
  verdict.confidence = confidence;
  verdict.detail = detail_of(verdict.verdict_class, evidence);
  return verdict;
}

} // namespace ctxray
