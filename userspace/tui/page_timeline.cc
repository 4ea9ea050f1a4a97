// SPDX-License-Identifier: GPL-2.0-or-later
// Stacked states over time.
#include <fmt/format.h>

#include <algorithm>

#include "userspace/format.h"
#include "userspace/tui/columns.h"
#include "userspace/tui/pages.h"

namespace ctxray::tui {

namespace {

constexpr std::size_t kScale = 5; // columns left of the picture

Line legend(const Marks& marks) {
  Line line;
  for (std::size_t i = 0; i < kStates; ++i) {
    const auto state = static_cast<State>(i);
    line.add(marks.state(state), state_role(state)).add(fmt::format(" {}  ", state_name(state)));
  }
  return line;
}

// What a column shows in row `from_bottom` of `height`.
std::optional<State> state_at(const StateTimes& columns, std::size_t from_bottom) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kStates; ++i) {
    below += columns[i];
    if (from_bottom < below) return static_cast<State>(i);
  }
  return std::nullopt;
}

Line time_axis(std::size_t cells, std::size_t offset, double seconds_per_cell) {
  constexpr std::size_t kStep = 15;
  Line line;
  line.to(kScale + offset);
  std::string axis(cells, ' ');
  for (std::size_t age = kStep; age < cells; age += kStep) {
    const std::string label = fmt::format("-{:.0f}s", static_cast<double>(age) * seconds_per_cell);
    const std::size_t at = cells - 1 - age;
    if (at + label.size() < cells) axis.replace(at, label.size(), label);
  }
  if (cells >= 3) axis.replace(cells - 3, 3, "now");
  return line.add(axis, Role::kLabel);
}

// The verdict that held, under each column: its first letter.
Line verdict_strip(const Trace& trace, std::size_t cells, std::size_t offset, std::size_t zoom) {
  Line line = Line().right("is", kScale - 1, Style{Role::kLabel}).to(kScale + offset);
  for (std::size_t cell = cells; cell-- > 0;) {
    const VerdictClass verdict_class = trace.back(cell * zoom).verdict;
    line.add(verdict_name(verdict_class).substr(0, 1), verdict_role(verdict_class));
  }
  return line;
}

} // namespace

Page timeline_page(const Board& board, const UiState& state, std::size_t height) {
  constexpr std::size_t kRest = 4; // rows that are not the picture
  const Subject& subject = state.place().subject;
  const Entry* entry = board.find(subject);
  const Trace* trace = subject == Subject{} ? &board.machine() : entry == nullptr ? nullptr : &entry->trace;
  Page page;
  if (trace == nullptr || trace->size() == 0) {
    page.nothing = fmt::format("nothing is known yet, or any more, of process {}", subject.pid);
    return page;
  }
  const Marks marks(state.ascii);
  const std::size_t rows_of_picture = height > kRest + 4 ? height - kRest : 4;
  const std::size_t width = state.columns > kScale + 8 ? state.columns - kScale - 1 : 8;
  const std::vector<StateTimes> cells = sums_of(*trace, width, state.zoom);
  std::vector<StateTimes> stacks;
  for (const StateTimes& times : cells) stacks.push_back(columns_of(times, std::max(rows_of_picture, kStates)));
  const std::size_t tall = std::max(rows_of_picture, kStates);
  const std::size_t offset = width - cells.size();
  Rows rows;
  for (std::size_t row = tall; row-- > 0;) {
    const bool labelled = row + 1 == tall || row == 0 || row + 1 == (tall + 1) / 2;
    Line line;
    line.right(labelled ? fmt::format("{}%", (100 * (row + 1) + tall / 2) / tall) : "", kScale - 1,
               Style{Role::kLabel});
    line.to(kScale + offset);
    for (const StateTimes& stack : stacks)
      if (const std::optional<State> what = state_at(stack, row))
        line.add(marks.state(*what), state_role(*what));
      else
        line.add(" ");
    rows.add(std::move(line));
  }
  const double seconds = state.interval_s * static_cast<double>(state.zoom);
  rows.add(verdict_strip(*trace, cells.size(), offset, state.zoom));
  rows.add(time_axis(width, 0, seconds));
  rows.add(legend(marks));
  rows.add(Line().add(
      fmt::format("{:.3g} s a column ([ and ] zoom); the letter below a column is the verdict that held", seconds),
      Role::kDim));
  return page_of(std::move(rows));
}

} // namespace ctxray::tui
