// SPDX-License-Identifier: GPL-2.0-or-later
// What a process, or the machine, did in the last minutes, and the verdict that holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "userspace/tui/marks.h"
#include "userspace/verdict.h"

namespace ctxray::tui {

// Shares of one interval in 255ths.
struct Moment {
  std::array<std::uint8_t, kStates> shares{};
  VerdictClass verdict = VerdictClass::kUnsure; // the one that held

  bool operator==(const Moment&) const = default;
};

class Trace {
 public:
  static constexpr std::size_t kMost = 300; // moments remembered

  void add(const StateTimes& times, VerdictClass verdict, double confidence);

  [[nodiscard]] std::size_t size() const { return size_; }
  // 0: the newest.
  [[nodiscard]] const Moment& back(std::size_t age) const;
  // From the newest on, as long as f(moment) returns true.
  template <typename F>
  void each_back(F f) const {
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run)
      for (std::size_t i = 0; i < run->count; ++i)
        if (!f(run->moment)) return;
  }

  // Does not flicker: another class takes over when it comes clearly in two intervals on end, or when three on end
  // spoke for any other.
  [[nodiscard]] VerdictClass verdict() const { return verdict_; }
  // The last interval spoke for another one.
  [[nodiscard]] bool doubted() const { return size_ > 0 && challenger_ != verdict_; }
  // While it is doubted: the last interval's, where that is clear or is not the first to speak against it.
  [[nodiscard]] VerdictClass likely() const;
  // 0 to 1; smoothed as the verdict is.
  [[nodiscard]] double confidence() const { return confidence_; }
  // The part of an interval that it was not idle: of the last one, or of those before, fading.
  [[nodiscard]] double recent_busy() const { return recent_busy_; }
  // State times of the last few intervals.
  [[nodiscard]] StateTimes recent_states() const;
  // Intervals since the verdict changed; none: it did not, or not lately.
  [[nodiscard]] std::optional<std::size_t> changed_ago() const;

 private:
  void settle(VerdictClass verdict, double confidence);
  void remember(const Moment& moment);

  // Moments on end that are alike: most processes sleep all the while.
  struct Run {
    Moment moment;
    std::uint16_t count = 0;
  };

  std::vector<Run> runs_; // the oldest first
  std::size_t size_ = 0;  // moments
  VerdictClass verdict_ = VerdictClass::kUnsure;
  VerdictClass challenger_ = VerdictClass::kUnsure;
  double challenge_ = 0;      // the challenger's confidence
  std::size_t in_favour_ = 0; // intervals on end that spoke for the challenger
  std::size_t against_ = 0;   // intervals on end that spoke for any but the verdict
  double confidence_ = 0;
  double recent_busy_ = 0;
  std::optional<std::size_t> changed_ago_;
};

// `cells` sums of `per_cell` moments each, the newest last; fewer where fewer are remembered.
std::vector<StateTimes> sums_of(const Trace& trace, std::size_t cells, std::size_t per_cell);

} // namespace ctxray::tui
