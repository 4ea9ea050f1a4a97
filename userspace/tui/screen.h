// SPDX-License-Identifier: GPL-2.0-or-later
// The terminal: the one place that speaks ncurses.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "userspace/tui/grid.h"
#include "userspace/tui/keys.h"
#include "userspace/tui/theme.h"

namespace ctxray::tui {

// Why a terminal cannot show the front end; empty: it can.
std::string why_no_screen();

class Screen {
 public:
  // Takes the terminal over; it is given back at the end, also where a fault ends the process.
  explicit Screen(Theme theme);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  [[nodiscard]] std::size_t rows() const;
  [[nodiscard]] std::size_t columns() const;
  // Its character set has nothing but ASCII.
  [[nodiscard]] bool ascii() const { return ascii_; }

  void show(const Grid& grid);
  // What the user did; none: nothing more.
  std::optional<Event> read();

 private:
  [[nodiscard]] int number_of(const Colour& colour) const;
  short pair_of(Role role, bool selected);

  Theme theme_;
  bool ascii_;
  bool colour_ = false;
  std::map<std::pair<Role, bool>, short> pairs_;
};

} // namespace ctxray::tui
