// SPDX-License-Identifier: GPL-2.0-or-later
// Runs of moments, and the rule that keeps a verdict steady.
#include "userspace/tui/trace.h"

#include <algorithm>
#include <numeric>

namespace ctxray::tui {

namespace {

constexpr std::size_t kLately = 10;     // intervals for which a change is marked
constexpr double kFading = 0.75;        // of what was busy, an interval later
constexpr double kClose = 0.75;         // less confidence than this: the border to another class is near
constexpr std::size_t kRecent = 4;      // intervals that count as recent
constexpr std::size_t kMostAgainst = 3; // intervals on end: no verdict holds against more

} // namespace

void Trace::add(const StateTimes& times, VerdictClass verdict, double confidence) {
  settle(verdict, confidence);
  Moment moment;
  const std::uint64_t whole = std::max<std::uint64_t>(1, std::accumulate(times.begin(), times.end(), std::uint64_t{0}));
  for (std::size_t i = 0; i < kStates; ++i)
    moment.shares[i] = static_cast<std::uint8_t>((times[i] * 255 + whole / 2) / whole);
  moment.verdict = verdict_;
  const double idle = static_cast<double>(times[static_cast<std::size_t>(State::kIdle)]) / static_cast<double>(whole);
  recent_busy_ = std::max(1 - idle, kFading * recent_busy_);
  remember(moment);
}

void Trace::remember(const Moment& moment) {
  if (runs_.empty() || !(runs_.back().moment == moment)) runs_.push_back({moment, 0});
  ++runs_.back().count;
  if (size_ < kMost)
    ++size_;
  else if (--runs_.front().count == 0)
    runs_.erase(runs_.begin());
}

void Trace::settle(VerdictClass verdict, double confidence) {
  constexpr double kNew = 0.5; // weight of the newest confidence
  if (changed_ago_ && ++*changed_ago_ > kLately) changed_ago_.reset();
  const bool first = size_ == 0;
  in_favour_ = challenger_ == verdict ? in_favour_ + 1 : 1;
  challenger_ = verdict;
  challenge_ = confidence;
  against_ = verdict == verdict_ ? 0 : against_ + 1;
  const bool convinced = (in_favour_ >= 2 && confidence >= kClose) || against_ >= kMostAgainst;
  if (verdict == verdict_) {
    confidence_ += kNew * (confidence - confidence_);
    return;
  }
  if (!first && verdict_ != VerdictClass::kUnsure && !convinced) {
    confidence_ *= 1 - kNew; // the last interval spoke against it
    return;
  }
  // What was not known before does not count as a change.
  if (!first && verdict_ != VerdictClass::kUnsure) changed_ago_ = 0;
  verdict_ = verdict;
  confidence_ = confidence;
  against_ = 0;
}

const Moment& Trace::back(std::size_t age) const {
  auto run = runs_.rbegin();
  while (age >= run->count) age -= run++->count;
  return run->moment;
}

VerdictClass Trace::likely() const { return challenge_ >= kClose || against_ > 1 ? challenger_ : verdict_; }

StateTimes Trace::recent_states() const {
  const std::vector<StateTimes> sums = sums_of(*this, 1, kRecent);
  return sums.empty() ? StateTimes{} : sums[0];
}

std::optional<std::size_t> Trace::changed_ago() const { return changed_ago_; }

std::vector<StateTimes> sums_of(const Trace& trace, std::size_t cells, std::size_t per_cell) {
  std::vector<StateTimes> sums;
  std::size_t age = 0;
  trace.each_back([&](const Moment& moment) {
    if (age == cells * per_cell) return false;
    if (age++ % per_cell == 0) sums.emplace_back();
    for (std::size_t state = 0; state < kStates; ++state) sums.back()[state] += moment.shares[state];
    return true;
  });
  std::reverse(sums.begin(), sums.end());
  return sums;
}

} // namespace ctxray::tui
