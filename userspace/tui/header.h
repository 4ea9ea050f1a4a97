// SPDX-License-Identifier: GPL-2.0-or-later
// The lines at the top of the screen: the machine, ctxray's own cost and losses, the tabs or the way to this view.
#pragma once

#include "userspace/tui/page.h"

namespace ctxray::tui {

// The most important first; a small screen shows fewer.
std::vector<Line> header_lines(const Board& board, const UiState& state);

// Names of the views, the one shown marked; or the breadcrumb.
Line way_line(const Board& board, const UiState& state);

// Prompt, message or keys.
Line footer_line(const UiState& state);

} // namespace ctxray::tui
