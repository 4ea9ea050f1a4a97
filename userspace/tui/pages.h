// SPDX-License-Identifier: GPL-2.0-or-later
// The pages other than the lists. Each is made from the board and the user's choices alone.
#pragma once

#include "userspace/tui/page.h"

namespace ctxray::tui {

// Why a process or a thread is as it is: verdict, advice, waits, threads.
Page why_page(const Board& board, const UiState& state);
Page thread_page(const Board& board, const UiState& state);

// The states of a process over time, in `height` rows.
Page timeline_page(const Board& board, const UiState& state, std::size_t height);

Page places_page(const Board& board, const UiState& state);
Page interrupts_page(const Board& board, const UiState& state);
Page calls_page(const Board& board, const UiState& state);
Page system_page(const Board& board, const UiState& state);

Page help_page(const UiState& state);
Page sort_page(const UiState& state);

} // namespace ctxray::tui
