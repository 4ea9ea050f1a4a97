// SPDX-License-Identifier: GPL-2.0-or-later
// Colours, and the bar of wall-clock states, for plain text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "userspace/sample.h"
#include "userspace/verdict.h"

namespace ctxray {

struct WallPart {
  char glyph;
  std::string_view name;
  std::uint64_t ns;
  std::string_view colour; // SGR parameters
};

// In order of precedence: cpu, starved, io, event, lock, idle.
std::array<WallPart, 6> wall_parts(const Wall& wall);

// Wraps text in SGR sequences, or leaves it alone.
class Paint {
 public:
  explicit Paint(bool colour) : colour_(colour) {}

  [[nodiscard]] std::string colour(std::string_view parameters, const std::string& text) const;
  [[nodiscard]] std::string bold(const std::string& text) const { return colour("1", text); }
  [[nodiscard]] std::string verdict(VerdictClass verdict_class, const std::string& text) const;

 private:
  bool colour_;
};

// "[CCCCCii....]": `width` columns; a part that lasted at all has at least one column where there is room.
std::string wall_bar(const std::array<WallPart, 6>& parts, std::uint64_t elapsed_ns, std::size_t width,
                     const Paint& paint);

} // namespace ctxray
