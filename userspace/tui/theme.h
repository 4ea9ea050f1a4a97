// SPDX-License-Identifier: GPL-2.0-or-later
// Which colour a role has, for terminals of 8, 256 and 16 million colours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "userspace/tui/style.h"

namespace ctxray::tui {

enum class Theme : std::uint8_t { kDefault, kColourBlind, kMonochrome };

// None: there is no theme of this name.
std::optional<Theme> find_theme(std::string_view name);
std::string theme_names();

// One colour in three depths; -1: the terminal's own.
struct Colour {
  int basic = -1;   // 0 to 7
  int indexed = -1; // of 256
  int rgb = -1;     // 0xrrggbb
};

// Of the text.
Colour foreground(Theme theme, Role role);
// Behind rows under the cursor, and behind bars and titles.
Colour background(Theme theme, Role role, bool selected);
// Where there is no colour, these stand out.
bool is_reversed(Theme theme, Role role, bool selected);

} // namespace ctxray::tui
