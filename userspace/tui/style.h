// SPDX-License-Identifier: GPL-2.0-or-later
// What a cell of the screen means. Which colour that is, a theme says.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ctxray::tui {

enum class Role : std::uint8_t {
  kText,
  kDim,
  kLabel,  // names of figures
  kHead,   // titles
  kBar,    // the line of keys
  kKey,    // a key's name
  kAlert,  // losses, faults
  kMatch,  // what was searched for
  kTagged, // rows that the user marked
  kCpu,
  kStarved,
  kIo,
  kEvent,
  kLock,
  kIdle,
  kMixed,
};
inline constexpr std::size_t kRoles = 16;

struct Style {
  Role role = Role::kText;
  bool bold = false;
  bool selected = false; // in the row under the cursor

  bool operator==(const Style&) const = default;
};

} // namespace ctxray::tui
