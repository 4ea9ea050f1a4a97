// SPDX-License-Identifier: GPL-2.0-or-later
// Draws a screen: (board, choices of the user) -> grid of styled cells. Pure.
#pragma once

#include "userspace/tui/page.h"

namespace ctxray::tui {

struct Frame {
  Grid grid;
  Page page;
  std::size_t heading_row = 0; // of the titles that a click sorts by
  std::size_t body_row = 0;    // first row of the page
  std::size_t body_rows = 0;
};

// Also moves the cursor of the place shown to where its subject is now, and the rows shown to the cursor.
Frame draw(const Board& board, UiState& state);

} // namespace ctxray::tui
