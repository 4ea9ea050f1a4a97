// SPDX-License-Identifier: GPL-2.0-or-later
// A ring of moments, and the rule that keeps a verdict steady.
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
  if (moments_.size() < kMost)
    moments_.push_back(moment);
  else
    moments_[next_] = moment;
  next_ = (next_ + 1) % kMost;
}

void Trace::settle(VerdictClass verdict, double confidence) {
  constexpr double kNew = 0.5; // weight of the newest confidence
  if (changed_ago_ && ++*changed_ago_ > kLately) changed_ago_.reset();
  const bool first = moments_.empty();
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
  return moments_[(next_ + 2 * kMost - 1 - age) % kMost % moments_.size()];
}

VerdictClass Trace::likely() const { return challenge_ >= kClose || against_ > 1 ? challenger_ : verdict_; }

StateTimes Trace::recent_states() const {
  const std::vector<StateTimes> sums = sums_of(*this, 1, kRecent);
  return sums.empty() ? StateTimes{} : sums[0];
}

std::optional<std::size_t> Trace::changed_ago() const { return changed_ago_; }

std::vector<StateTimes> sums_of(const Trace& trace, std::size_t cells, std::size_t per_cell) {
  std::vector<StateTimes> sums;
  for (std::size_t cell = 0; cell < cells && cell * per_cell < trace.size(); ++cell) {
    StateTimes sum{};
    for (std::size_t i = cell * per_cell; i < std::min((cell + 1) * per_cell, trace.size()); ++i)
      for (std::size_t state = 0; state < kStates; ++state) sum[state] += trace.back(i).shares[state];
    sums.push_back(sum);
  }
  std::reverse(sums.begin(), sums.end());
  return sums;
}

} // namespace ctxray::tui
