// SPDX-License-Identifier: GPL-2.0-or-later
// Glyphs that stand for figures: bars of wall-clock states, sparklines, tree branches; in UTF-8 or plain ASCII.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "userspace/shares.h"
#include "userspace/tui/grid.h"

namespace ctxray::tui {

// The wall-clock states in their order of precedence.
enum class State : std::uint8_t { kCpu, kStarved, kIo, kEvent, kLock, kIdle };
inline constexpr std::size_t kStates = 6;
using StateTimes = std::array<std::uint64_t, kStates>;

// As the verdict takes them: waiting for work, and for a timer, is idle; event is I/O that was waited for as events.
StateTimes judged_states(const Evidence& evidence);
std::string_view state_name(State state);
Role state_role(State state);

class Marks {
 public:
  explicit Marks(bool ascii) : ascii_(ascii) {}

  // A glyph for each state, told apart without colour.
  [[nodiscard]] std::string_view state(State state) const;
  // Height 0 (nothing) to 8 (full) of one cell.
  [[nodiscard]] std::string_view level(std::size_t eighths) const;
  [[nodiscard]] std::string_view tree_branch(bool last) const;
  [[nodiscard]] std::string_view tree_trunk(bool last) const;
  [[nodiscard]] std::string_view breadcrumb() const { return ascii_ ? " > " : " › "; }
  [[nodiscard]] std::string_view down() const { return ascii_ ? "v" : "▼"; }
  [[nodiscard]] std::string_view up() const { return ascii_ ? "^" : "▲"; }
  [[nodiscard]] std::string_view changed() const { return ascii_ ? "*" : "●"; }
  [[nodiscard]] bool ascii() const { return ascii_; }

  // `width` columns that show the shares of the states; one that lasted at all has a column where there is room.
  void bar(Line& line, const StateTimes& times, std::size_t width) const;
  // A log2 histogram from bucket `first` on: a column for each `per_column` buckets, as high as its share of the most.
  void histogram(Line& line, const Histogram& histogram, std::size_t first, std::size_t columns,
                 std::size_t per_column) const;

 private:
  bool ascii_;
};

// Columns for each part of `whole` that has any time, in sum `width`.
StateTimes columns_of(const StateTimes& times, std::size_t width);

} // namespace ctxray::tui
