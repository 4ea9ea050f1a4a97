// SPDX-License-Identifier: GPL-2.0-or-later
// Lays out header, page and footer.
#include "userspace/tui/view.h"

#include <algorithm>
#include <utility>

#include "userspace/tui/header.h"
#include "userspace/tui/page_list.h"
#include "userspace/tui/pages.h"

namespace ctxray::tui {

namespace {

// A small screen keeps its rows for the list.
std::size_t header_rows(std::size_t rows) {
  if (rows >= 20) return 5;
  if (rows >= 16) return 3;
  return rows >= 9 ? 2 : 1;
}

Page make_page(const Board& board, const UiState& state, std::size_t height) {
  switch (state.place().view) {
    case View::kProcesses:
      return list_page(board, state, process_rows(board, state));
    case View::kThreads:
      return list_page(board, state, thread_rows(board, state));
    case View::kWhy:
      return why_page(board, state);
    case View::kThread:
      return thread_page(board, state);
    case View::kTimeline:
      return timeline_page(board, state, height);
    case View::kPlaces:
      return places_page(board, state);
    case View::kInterrupts:
      return interrupts_page(board, state);
    case View::kSystem:
      return system_page(board, state);
    case View::kCalls:
      return calls_page(board, state);
    case View::kHelp:
      return help_page(state);
    case View::kSortMenu:
      return sort_page(state);
  }
  return {};
}

// The cursor stays on its subject, wherever that is now; one that is gone leaves it where it was.
void settle_cursor(const Page& page, Place& place, std::size_t body_rows) {
  if (page.count == 0) {
    place.top = 0; // the subject may come back
    return;
  }
  const auto at = [&](std::size_t row) { return page.subject ? page.subject(row) : std::optional<Subject>(); };
  place.cursor = std::min(place.cursor, page.count - 1);
  if (place.follows && place.cursor_subject && at(place.cursor) != place.cursor_subject)
    for (std::size_t row = 0; row < page.count; ++row)
      if (at(row) == place.cursor_subject) {
        place.cursor = row;
        break;
      }
  place.cursor_subject = at(place.cursor);
  const std::size_t last_top = page.count > body_rows ? page.count - body_rows : 0;
  place.top = std::min({place.top, place.cursor, last_top});
  if (body_rows > 0 && place.cursor >= place.top + body_rows) place.top = place.cursor + 1 - body_rows;
}

} // namespace

Frame draw(const Board& board, UiState& state) {
  Frame frame{Grid(state.rows, state.columns, state.ascii), {}, 0, 0, 0};
  Grid& grid = frame.grid;
  std::size_t row = 0;
  const std::vector<Line> header = header_lines(board, state);
  for (std::size_t i = 0; i < std::min(header.size(), header_rows(state.rows)); ++i) grid.put(row++, 0, header[i]);
  if (state.rows > 4) grid.put(row++, 0, way_line(board, state));

  const std::size_t height = state.rows > row + 1 ? state.rows - row - 1 : 0;
  frame.page = make_page(board, state, height);
  const Page& page = frame.page;
  for (const Line& title : page.titles) {
    frame.heading_row = row;
    grid.put(row, 0, title);
    grid.fill(row++, Role::kHead);
  }
  frame.body_row = row;
  frame.body_rows = state.rows > row + 1 ? state.rows - row - 1 : 0;
  settle_cursor(page, state.place(), frame.body_rows);
  if (page.count == 0) grid.put(row, 0, page.nothing, Style{Role::kDim});
  const Place& place = state.place();
  for (std::size_t i = place.top; i < page.count && i < place.top + frame.body_rows; ++i) {
    grid.put(row, 0, page.line(i));
    if (i == place.cursor) grid.select(row);
    ++row;
  }
  if (state.rows > 1) {
    grid.fill(state.rows - 1, Role::kBar);
    grid.put(state.rows - 1, 0, footer_line(state));
  }
  return frame;
}

} // namespace ctxray::tui
