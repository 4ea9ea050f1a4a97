// SPDX-License-Identifier: GPL-2.0-or-later
// Draws the wall-clock bar and paints verdicts.
#include "userspace/style.h"

#include <algorithm>
#include <cmath>

namespace ctxray {

std::array<WallPart, 6> wall_parts(const Wall& wall) {
  return {{{'C', "cpu", wall.cpu_ns(), "32"},
           {'s', "starved", wall.starved_ns, "31"},
           {'i', "io", wall.io_ns, "34"},
           {'e', "event", wall.event_ns, "36"},
           {'l', "lock", wall.lock_ns, "35"},
           {'.', "idle", wall.idle_ns, "90"}}};
}

std::string Paint::colour(std::string_view parameters, const std::string& text) const {
  if (!colour_ || text.empty()) return text;
  return "\033[" + std::string(parameters) + "m" + text + "\033[0m";
}

std::string Paint::verdict(VerdictClass verdict_class, const std::string& text) const {
  static constexpr std::array<std::string_view, 7> kColours = {"1;32", "1;34", "1;35", "1;31", "1;90", "1;33", "1"};
  return colour(kColours[static_cast<std::size_t>(verdict_class)], text);
}

std::string wall_bar(const std::array<WallPart, 6>& parts, std::uint64_t elapsed_ns, std::size_t width,
                     const Paint& paint) {
  if (elapsed_ns == 0 || width < 2 + parts.size()) return {};
  const std::size_t room = width - 2;
  std::array<std::size_t, 6> columns{};
  std::size_t used = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].ns == 0) continue;
    const double exact = static_cast<double>(parts[i].ns) / static_cast<double>(elapsed_ns) * static_cast<double>(room);
    columns[i] = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(exact)));
    used += columns[i];
  }
  // Rounding is evened out on the widest part.
  std::size_t& widest = *std::max_element(columns.begin(), columns.end());
  widest = widest + room - used;
  std::string bar = "[";
  for (std::size_t i = 0; i < parts.size(); ++i)
    bar += paint.colour(parts[i].colour, std::string(columns[i], parts[i].glyph));
  return bar + "]";
}

} // namespace ctxray
