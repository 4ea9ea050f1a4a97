// SPDX-License-Identifier: GPL-2.0-or-later
// What a terminal can say, and the one table of keys that the help shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctxray::tui {

enum class Key : std::uint8_t {
  kNone,
  kText, // a character, in Event::text
  kUp,
  kDown,
  kLeft,
  kRight,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kEnter,
  kEscape,
  kBackspace,
  kTab,
  kF1,
  kF2,
  kF3,
  kF4,
  kF5,
  kF6,
  kF7,
  kF8,
  kF9,
  kF10,
  kClick,
  kWheelUp,
  kWheelDown,
  kResize,
};

struct Event {
  Key key = Key::kNone;
  std::string text;    // UTF-8
  std::size_t row = 0; // of the mouse; of a resized screen, its size
  std::size_t column = 0;
};

struct KeyHelp {
  std::vector<Event> events; // what the terminal says
  std::string_view keys;     // the same, as people say it
  std::string_view meaning;
};
const std::vector<KeyHelp>& key_helps();

} // namespace ctxray::tui
