// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of glyphs, and how figures are rounded to columns.
#include "userspace/tui/marks.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace ctxray::tui {

StateTimes judged_states(const Evidence& evidence) {
  const Shares shares = shares_of(evidence);
  const IoTime time = io_time(evidence);
  const double as_events = shares.io * ratio(time.event_ns, time.total_ns());
  const auto part = [&](double share) {
    return static_cast<std::uint64_t>(share * static_cast<double>(evidence.wall.elapsed_ns));
  };
  return {part(shares.cpu),
          part(shares.starved + shares.handover),
          part(shares.io - as_events),
          part(as_events),
          part(shares.lock),
          part(shares.idle)};
}

std::string_view state_name(State state) {
  static constexpr std::array<std::string_view, kStates> kNames = {"cpu", "starved", "io", "event", "lock", "idle"};
  return kNames[static_cast<std::size_t>(state)];
}

Role state_role(State state) {
  static constexpr std::array<Role, kStates> kStateRoles = {Role::kCpu,   Role::kStarved, Role::kIo,
                                                            Role::kEvent, Role::kLock,    Role::kIdle};
  return kStateRoles[static_cast<std::size_t>(state)];
}

std::string_view Marks::state(State state) const {
  static constexpr std::array<std::string_view, kStates> kAscii = {"C", "s", "i", "e", "l", "."};
  static constexpr std::array<std::string_view, kStates> kBlocks = {"█", "▞", "▒", "░", "╬", "·"};
  return (ascii_ ? kAscii : kBlocks)[static_cast<std::size_t>(state)];
}

std::string_view Marks::level(std::size_t eighths) const {
  static constexpr std::array<std::string_view, 9> kAscii = {" ", ".", ":", "-", "=", "+", "*", "%", "#"};
  static constexpr std::array<std::string_view, 9> kBlocks = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  return (ascii_ ? kAscii : kBlocks)[std::min<std::size_t>(eighths, 8)];
}

std::string_view Marks::tree_branch(bool last) const {
  if (ascii_) return last ? "`-" : "|-";
  return last ? "└─" : "├─";
}

std::string_view Marks::tree_trunk(bool last) const {
  if (last) return "  ";
  return ascii_ ? "| " : "│ ";
}

StateTimes columns_of(const StateTimes& times, std::size_t width) {
  StateTimes columns{};
  const std::uint64_t whole = std::accumulate(times.begin(), times.end(), std::uint64_t{0});
  if (whole == 0 || width < kStates) return columns;
  for (std::size_t i = 0; i < kStates; ++i) {
    const double exact = static_cast<double>(times[i]) / static_cast<double>(whole) * static_cast<double>(width);
    // A hundredth of a column is noise.
    if (exact >= 0.01) columns[i] = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::lround(exact)));
  }
  // Rounding is evened out on the widest part.
  std::uint64_t& widest = *std::max_element(columns.begin(), columns.end());
  widest += width - std::accumulate(columns.begin(), columns.end(), std::uint64_t{0});
  return columns;
}

void Marks::bar(Line& line, const StateTimes& times, std::size_t width) const {
  const std::size_t end = line.width() + width;
  const StateTimes columns = columns_of(times, width);
  for (std::size_t i = 0; i < kStates; ++i) {
    const auto which = static_cast<State>(i);
    std::string run;
    for (std::uint64_t column = 0; column < columns[i]; ++column) run += state(which);
    line.add(run, state_role(which));
  }
  line.to(end);
}

void Marks::histogram(Line& line, const Histogram& histogram, std::size_t first, std::size_t columns,
                      std::size_t per_column) const {
  std::vector<std::uint64_t> sums(columns);
  for (std::size_t bucket = 0; bucket < histogram.size(); ++bucket) {
    const std::size_t column = bucket < first ? 0 : (bucket - first) / per_column;
    sums[std::min(column, columns - 1)] += histogram[bucket];
  }
  const std::uint64_t most = *std::max_element(sums.begin(), sums.end());
  std::string text;
  for (const std::uint64_t sum : sums)
    text += level(sum == 0 ? 0 : std::max<std::size_t>(1, static_cast<std::size_t>(8 * sum / most)));
  line.add(text);
}

} // namespace ctxray::tui
