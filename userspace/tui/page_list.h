// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of processes and of threads.
#pragma once

#include "userspace/tui/columns.h"
#include "userspace/tui/page.h"

namespace ctxray::tui {

// Processes that the filter lets through, tagged ones first, sorted or as a tree; with their threads where asked for.
std::vector<Row> process_rows(const Board& board, const UiState& state);
// All threads that live, sorted.
std::vector<Row> thread_rows(const Board& board, const UiState& state);

Page list_page(const Board& board, const UiState& state, std::vector<Row> rows);

// Columns that the user chose, or the default ones.
const std::vector<std::string>& chosen_columns(const UiState& state);

} // namespace ctxray::tui
