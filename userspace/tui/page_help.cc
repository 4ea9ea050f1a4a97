// SPDX-License-Identifier: GPL-2.0-or-later
// The table of keys, the help made from it, and the menu of columns to sort by.
#include <fmt/format.h>

#include "userspace/tui/columns.h"
#include "userspace/tui/keys.h"
#include "userspace/tui/pages.h"
#include "userspace/tui/sections.h"

namespace ctxray::tui {

namespace {

Event key(Key key) { return {key, "", 0, 0}; }
Event text(std::string_view character) { return {Key::kText, std::string(character), 0, 0}; }

constexpr std::size_t kKeyColumn = 24;

void add_states(Rows& rows, const Marks& marks) {
  static constexpr std::array<std::string_view, kStates> kMeanings = {"a thread runs",
                                                                      "none runs, one is ready to run",
                                                                      "none of those, one waits for I/O",
                                                                      "…, one is in select, poll, epoll or the like",
                                                                      "…, one waits for a lock that is held",
                                                                      "the rest: sleeping, parked, waiting for work"};
  for (std::size_t i = 0; i < kStates; ++i) {
    const auto state = static_cast<State>(i);
    Line line = Line().add("  ").add(marks.state(state), state_role(state)).add(marks.state(state), state_role(state));
    rows.add(line.add(" ").left(state_name(state), kKeyColumn - 5).add(kMeanings[i]));
  }
}

} // namespace

const std::vector<KeyHelp>& key_helps() {
  static const std::vector<KeyHelp> kHelps = {
      {{key(Key::kDown), key(Key::kUp), text("j"), text("k")}, "arrows, j k", "move"},
      {{key(Key::kPageDown), key(Key::kPageUp)}, "PgUp PgDn", "a page up or down"},
      {{key(Key::kHome), key(Key::kEnd), text("g"), text("G")}, "Home End, g G", "first, last row"},
      {{key(Key::kEnter), key(Key::kRight), text("l")}, "Enter, right, l", "why: the process, then its thread"},
      {{key(Key::kEscape), key(Key::kBackspace), key(Key::kLeft), text("h")}, "Esc, Backspace, left, h", "back"},
      {{text("v"), key(Key::kTab)}, "v, Tab", "the next view"},
      {{text("1"), text("2"), text("3"), text("4"), text("5"), text("6"), text("7"), text("8"), text("9")},
       "1 … 9",
       "processes, threads, why, timeline, places, interrupts, system, calls, help"},
      {{text("/"), key(Key::kF3), text("n")}, "F3, /, n", "search; n: the next one"},
      {{text("\\"), key(Key::kF4)}, "F4, \\", "filter by name, command, user or verdict"},
      {{text(">"), key(Key::kF6)}, "F6, >", "sort by another column; a click on its title does it too"},
      {{text("I")}, "I", "the other way round"},
      {{key(Key::kF5)}, "F5", "tree of processes"},
      {{text("t")}, "t", "threads below their processes"},
      {{text("K")}, "K", "kernel threads: all of them, or those that are busy"},
      {{text(" "), text("U")}, "Space, U", "tag: keep the row on top; U: no more tags"},
      {{text("p"), text("z")}, "p, z", "hold the screen still; what happens meanwhile is still counted"},
      {{text("+"), text("-")}, "+ -", "longer, shorter interval"},
      {{text("w")}, "w", "in why: the last interval, or all since the beginning"},
      {{text("["), text("]")}, "[ ]", "in the timeline: finer, coarser"},
      {{text("s")}, "s", "save a report as JSON in the current folder"},
      {{text("?"), key(Key::kF1)}, "F1, ?", "this help"},
      {{key(Key::kClick), key(Key::kWheelDown), key(Key::kWheelUp)},
       "mouse",
       "click: choose, again: open; wheel: move"},
      {{text("q"), key(Key::kF10)}, "q, F10, Ctrl-C", "quit"},
  };
  return kHelps;
}

Page help_page(const UiState& state) {
  Rows rows;
  rows.add(Line().add("What the bars show: at each moment one state, the first of these that holds", Role::kHead));
  add_states(rows, Marks(state.ascii));
  rows.add(Line());
  rows.add(Line().add("Keys", Role::kHead));
  for (const KeyHelp& help : key_helps()) {
    Rows wrapped;
    const std::size_t room = state.columns > kKeyColumn + 12 ? state.columns - kKeyColumn - 2 : 12;
    add_wrapped(wrapped, help.meaning, room, 0);
    std::string_view keys = help.keys;
    for (const Line& part : wrapped.lines) {
      Line line = Line().add("  ").left(keys, kKeyColumn - 2, Style{Role::kLabel, true, false});
      for (const Span& span : part.spans()) line.add(span.text, span.style);
      rows.add(std::move(line));
      keys = "";
    }
  }
  rows.add(Line());
  rows.add(Line().add("Columns", Role::kHead));
  for (const Column& column : columns())
    rows.add(Line().add("  ").left(column.title, kKeyColumn - 2, Style{Role::kLabel, true, false}).add(column.help));
  return page_of(std::move(rows));
}

Page sort_page(const UiState& state) {
  Rows rows;
  for (const Column& column : columns())
    rows.add(Line()
                 .add(column.id == state.sort ? "* " : "  ")
                 .left(column.title, 12, Style{Role::kLabel, true, false})
                 .add(column.help));
  return page_of(std::move(rows));
}

} // namespace ctxray::tui
