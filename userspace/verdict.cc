// SPDX-License-Identifier: GPL-2.0-or-later
// Judges from the wall-clock shares.
#include "userspace/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "userspace/detail.h"
#include "userspace/format.h"

namespace ctxray {

namespace {

double spare_cpus(const Evidence& evidence) {
  const double could = static_cast<double>(evidence.wall.elapsed_ns) * evidence.cpus;
  return could <= 0 ? 0 : std::max(0.0, 1 - static_cast<double>(evidence.totals.on_cpu_ns) / could);
}

// Its threads could use CPUs that are free, but wait for locks while one of them works.
bool held_up_by_locks(const Evidence& evidence, const Thresholds& thresholds) {
  return lock_pressure(evidence.totals) >= thresholds.lock_pressure &&
         spare_cpus(evidence) >= thresholds.lock_spare_cpus;
}

struct Candidate {
  VerdictClass verdict_class;
  double share;
};

VerdictClass decide(const Evidence& evidence, const Shares& shares, const Thresholds& thresholds, double& confidence) {
  const double demand = shares.cpu + shares.starved;
  std::array<Candidate, 5> candidates = {{{VerdictClass::kCpuBound, demand},
                                          {VerdictClass::kIoBound, shares.io},
                                          {VerdictClass::kLockBound, shares.lock},
                                          {VerdictClass::kMixed, shares.handover},
                                          {VerdictClass::kIdle, shares.idle}}};
  // Where locks hold it up, the time in which only the holder ran is theirs too.
  if (held_up_by_locks(evidence, thresholds)) candidates[2].share += std::exchange(candidates[0].share, 0);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.share > b.share; });
  const Candidate& best = candidates[0];
  // How far from the border between clear and mixed: 0 on it, 1 far away.
  const double least = std::max(thresholds.clear, thresholds.ahead * candidates[1].share);
  confidence = 0.5 + 0.5 * std::min(1.0, std::abs(best.share - least) / 0.3);
  if (best.share < least) return VerdictClass::kMixed;
  if (best.verdict_class == VerdictClass::kCpuBound && shares.starved >= thresholds.starved_of_demand * demand)
    return VerdictClass::kStarved;
  if (best.verdict_class == VerdictClass::kCpuBound && takes_turns_untold(evidence)) return VerdictClass::kMixed;
  return best.verdict_class;
}

std::vector<std::string> reasons_of(const Evidence& evidence, const Shares& shares) {
  constexpr double kLeast = 0.005;
  const std::string elapsed = format_duration(evidence.wall.elapsed_ns);
  std::vector<std::pair<double, std::string>> sentences = {
      {shares.cpu, fmt::format("on CPU ({})", cpu_detail(evidence))},
      {shares.starved, "ready to run without a CPU"},
      {shares.io, fmt::format("waiting for I/O ({})", io_detail(evidence))},
      {shares.lock, "all waiting for locks"},
      {shares.handover, "handing work over to a CPU that had to wake up"},
      {shares.idle, fmt::format("idle ({})", idle_detail(evidence.totals))}};
  std::stable_sort(sentences.begin(), sentences.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> reasons;
  for (const auto& [share, what] : sentences)
    if (share >= kLeast) reasons.push_back(fmt::format("{} for {} of {}", what, format_percent(share), elapsed));
  if (const std::uint64_t gil = evidence.totals.wait(Reason::kGil).total_ns; gil > 0)
    reasons.push_back(fmt::format("threads waited for the GIL for {} of their lifetime",
                                  format_percent(ratio(gil, evidence.totals.lifetime_ns))));
  const double locks = lock_pressure(evidence.totals);
  if (locks >= 0.1)
    reasons.push_back(
        fmt::format("threads that could go on waited for locks for {} of their time", format_percent(locks)));
  return reasons;
}

} // namespace

std::string_view verdict_name(VerdictClass verdict_class) {
  static constexpr std::array<std::string_view, 7> kNames = {"cpu-bound", "io-bound", "lock-bound", "starved",
                                                             "idle",      "mixed",    "unsure"};
  return kNames[static_cast<std::size_t>(verdict_class)];
}

double lock_pressure(const Totals& totals) {
  const std::uint64_t locks = totals.wait(Reason::kLock).total_ns + totals.wait(Reason::kFileLock).total_ns;
  return ratio(locks, locks + totals.on_cpu_ns + totals.run_queue_ns);
}

namespace {

bool mostly_asynchronous(const IoTime& time) {
  return 2 * time.kind_ns[static_cast<std::size_t>(IoKind::kAsync)] > time.total_ns();
}

} // namespace

double io_depth(const Evidence& evidence) {
  const Shares shares = shares_of(evidence);
  const double io_ns = shares.io * static_cast<double>(evidence.wall.elapsed_ns);
  if (io_ns <= 0) return 0;
  const IoTime time = io_time(evidence);
  const double waits = static_cast<double>(time.total_ns()) / io_ns;
  // One asynchronous wait stands for many requests. Elsewhere the kernel may have split one in parts.
  if (!mostly_asynchronous(time)) return waits;
  const double requests = static_cast<double>(evidence.requests_in_flight_ns) /
                          static_cast<double>(std::max<std::uint64_t>(evidence.wall.elapsed_ns, 1));
  return std::max(waits, requests);
}

IoManner io_manner(const Evidence& evidence) {
  constexpr double kOverlapped = 1.5;
  const IoTime time = io_time(evidence);
  if (time.event_ns > time.state_ns) return IoManner::kMultiplexed;
  if (io_depth(evidence) >= kOverlapped) return IoManner::kOverlapped;
  return mostly_asynchronous(time) ? IoManner::kAsynchronous : IoManner::kOneAtATime;
}

Classified classify(const Evidence& evidence, const Thresholds& thresholds) {
  const std::uint64_t elapsed = evidence.wall.elapsed_ns;
  const std::uint64_t seen = evidence.totals.voluntary + evidence.totals.involuntary + 1;
  Classified result;
  result.verdict_class = decide(evidence, shares_of(evidence), thresholds, result.confidence);
  result.confidence *= std::sqrt(ratio(elapsed, thresholds.enough_ns));
  const double lost = std::max(ratio(evidence.lost, seen),
                               ratio(evidence.threads_unseen, evidence.threads_seen + evidence.threads_unseen));
  result.confidence *= 1 - std::min(1.0, lost / thresholds.lost_all);
  if (elapsed < thresholds.short_ns || result.confidence < thresholds.least_confidence)
    result.verdict_class = VerdictClass::kUnsure;
  return result;
}

Verdict judge(const Evidence& evidence, const Thresholds& thresholds) {
  const std::uint64_t elapsed = evidence.wall.elapsed_ns;
  const Classified classified = classify(evidence, thresholds);
  Verdict verdict;
  verdict.verdict_class = classified.verdict_class;
  verdict.confidence = classified.confidence;
  verdict.detail = detail_of(verdict.verdict_class, evidence);
  verdict.reasons = reasons_of(evidence, shares_of(evidence));
  if (elapsed < thresholds.short_ns)
    verdict.reasons.push_back(fmt::format("only {} was seen", format_duration(elapsed)));
  if (evidence.lost > 0) verdict.reasons.push_back(fmt::format("{} events were lost", evidence.lost));
  if (evidence.threads_unseen > 0)
    verdict.reasons.push_back(fmt::format("{} threads were not seen", evidence.threads_unseen));
  return verdict;
}

} // namespace ctxray
