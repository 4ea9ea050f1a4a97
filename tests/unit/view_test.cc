// SPDX-License-Identifier: GPL-2.0-or-later
// Screens as they are drawn: against golden ones, and what must hold for all of them.
#include "userspace/tui/view.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/golden.h"
#include "tests/unit/machine.h"
#include "userspace/text.h"
#include "userspace/tui/columns.h"
#include "userspace/tui/theme.h"

namespace ctxray::tui {
namespace {

constexpr std::array kAllViews = {View::kProcesses, View::kThreads, View::kWhy,        View::kTimeline,
                                  View::kPlaces,    View::kSystem,  View::kInterrupts, View::kCalls,
                                  View::kHelp,      View::kThread,  View::kSortMenu};

const ProcessSample& reader_of(const Board& board) {
  const auto found = std::find_if(board.present().begin(), board.present().end(),
                                  [](const Entry* entry) { return entry->interval.comm == "reader"; });
  return (*found)->interval;
}

UiState state_in(View view, const Board& board, std::size_t columns, std::size_t rows) {
  UiState state = state_of(columns, rows);
  Place place;
  place.view = view;
  const ProcessSample& reader = reader_of(board);
  if (view == View::kWhy || view == View::kTimeline) place.subject = subject_of(reader);
  if (view == View::kThread) place.subject = subject_of(reader, reader.threads.at(0));
  if (view == View::kProcesses)
    state.path = {place};
  else
    state.path.push_back(place);
  return state;
}

std::string drawn(View view, std::size_t columns, std::size_t rows, bool ascii = false) {
  const Board board = machine_board();
  UiState state = state_in(view, board, columns, rows);
  state.ascii = ascii;
  return draw(board, state).grid.text();
}

TEST(View, GoldenScreens) {
  expect_golden("processes-80x24.txt", drawn(View::kProcesses, 80, 24));
  expect_golden("processes-160x30.txt", drawn(View::kProcesses, 160, 30));
  expect_golden("processes-40x10.txt", drawn(View::kProcesses, 40, 10));
  expect_golden("processes-80x24-ascii.txt", drawn(View::kProcesses, 80, 24, true));
  expect_golden("why-100x50.txt", drawn(View::kWhy, 100, 50));
  expect_golden("thread-80x40.txt", drawn(View::kThread, 80, 40));
  expect_golden("system-100x40.txt", drawn(View::kSystem, 100, 40));
  expect_golden("help-80x60.txt", drawn(View::kHelp, 80, 60));
}

TEST(View, GoldenTables) {
  expect_golden("places-100x16.txt", drawn(View::kPlaces, 100, 16));
  expect_golden("interrupts-80x16.txt", drawn(View::kInterrupts, 80, 16));
  expect_golden("calls-80x16.txt", drawn(View::kCalls, 80, 16));
}

TEST(View, EveryViewFitsEverySize) {
  const Board board = machine_board();
  for (const View view : kAllViews)
    for (const std::size_t columns : {1U, 8U, 40U, 80U, 300U})
      for (const std::size_t rows : {1U, 2U, 5U, 10U, 24U, 100U}) {
        UiState state = state_in(view, board, columns, rows);
        const Frame frame = draw(board, state);
        EXPECT_EQ(frame.grid.rows(), rows);
        for (std::size_t row = 0; row < rows; ++row) {
          std::size_t width = 0;
          for (std::size_t column = 0; column < columns; ++column)
            width += display_width(frame.grid.at(row, column).bytes);
          EXPECT_EQ(width, columns) << view_title(view) << " " << columns << "x" << rows << " row " << row;
        }
      }
}

TEST(View, NothingFromATargetControlsTheTerminal) {
  for (const View view : kAllViews) {
    const std::string text = drawn(view, 120, 40);
    for (const char c : text) EXPECT_TRUE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    EXPECT_EQ(text.find("\u202e"), std::string::npos);
  }
}

TEST(View, AsciiIsAscii) {
  for (const View view : kAllViews)
    for (const char c : drawn(view, 120, 50, true)) EXPECT_LT(static_cast<unsigned char>(c), 0x7f) << view_title(view);
}

TEST(View, EmptyBoardsAreDrawn) {
  for (const View view : kAllViews) {
    const Board nothing;
    UiState state = state_in(view, machine_board(), 80, 24);
    EXPECT_FALSE(draw(nothing, state).grid.text().empty());
  }
}

TEST(View, WhatIsNotKnownYetIsNoZero) {
  auto roster = std::make_shared<Sample>();
  roster->processes.emplace_back();
  roster->processes[0].pid = 812;
  roster->processes[0].comm = "newcomer";
  Board board;
  board.begin(roster);
  UiState state;
  state.rows = 24;
  state.columns = 120;
  const std::string screen = draw(board, state).grid.text();
  EXPECT_NE(screen.find("812"), std::string::npos);
  EXPECT_NE(screen.find("newcomer"), std::string::npos);
  EXPECT_EQ(screen.find("0.0"), std::string::npos) << screen;
  EXPECT_EQ(screen.find("unsure"), std::string::npos) << screen;
}

TEST(View, TheCursorStaysOnItsProcess) {
  Board board = machine_board();
  UiState state = state_of(100, 24);
  state.path[0].cursor_subject = subject_of(reader_of(board));
  state.path[0].follows = true;
  draw(board, state);
  const std::size_t before = state.place().cursor;
  state.sort = "name";
  draw(board, state);
  EXPECT_NE(state.place().cursor, before);
  EXPECT_EQ(state.place().cursor_subject, subject_of(reader_of(board)));
}

TEST(View, ANarrowScreenKeepsWhatMattersMost) {
  const std::vector<PlacedColumn> placed = fit_columns(default_columns(), 40);
  std::vector<std::string> ids;
  std::size_t width = placed.size() - 1;
  for (const PlacedColumn& each : placed) {
    ids.emplace_back(each.column->id);
    width += each.width;
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"pid", "name", "verdict"}));
  EXPECT_LE(width, 40U);
}

TEST(Grid, WideGlyphsTakeTwoCells) {
  Grid grid(1, 5, false);
  EXPECT_EQ(grid.put(0, 0, "日本語", {}), 5U);
  EXPECT_EQ(grid.at(0, 0).bytes, "日");
  EXPECT_EQ(grid.at(0, 1).bytes, "");
  EXPECT_EQ(grid.at(0, 4).bytes, "…");
}

TEST(Theme, EachRoleIsSeenInEachTheme) {
  for (const Theme theme : {Theme::kDefault, Theme::kColourBlind})
    for (std::size_t i = 0; i < kRoles; ++i)
      for (const bool selected : {false, true}) {
        const Colour front = foreground(theme, static_cast<Role>(i)),
                     back = background(theme, static_cast<Role>(i), selected);
        EXPECT_FALSE(front.basic == back.basic && front.basic >= 0) << i;
        EXPECT_FALSE(front.indexed == back.indexed && front.indexed >= 0) << i;
        EXPECT_LT(front.basic, 8);
        EXPECT_LT(front.indexed, 256);
      }
}

} // namespace
} // namespace ctxray::tui
