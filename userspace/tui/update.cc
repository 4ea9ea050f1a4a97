// SPDX-License-Identifier: GPL-2.0-or-later
// One function for each group of keys; the first that knows the key takes it.
#include "userspace/tui/update.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "userspace/text.h"
#include "userspace/tui/columns.h"
#include "userspace/tui/page_list.h"

namespace ctxray::tui {

namespace {

constexpr std::array<double, 8> kIntervals = {0.1, 0.25, 0.5, 1, 2, 5, 10, 60};
constexpr std::size_t kMostZoom = 10;

bool is_text(const Event& event, std::string_view character) {
  return event.key == Key::kText && event.text == character;
}

void move_to(UiState& state, const Frame& shown, std::size_t row) {
  Place& place = state.place();
  if (shown.page.count == 0) return;
  place.cursor = std::min(row, shown.page.count - 1);
  place.follows = row > 0; // the top stays the top, whoever is there
  place.cursor_subject = shown.page.subject ? shown.page.subject(place.cursor) : std::nullopt;
}

// One down; from text straight to what Enter opens, where that is on the screen.
std::size_t below(const UiState& state, const Frame& shown) {
  const Place& place = state.place();
  const Page& page = shown.page;
  const auto opens = [&page](std::size_t row) { return page.subject && page.subject(row).has_value(); };
  if (page.count == 0 || opens(std::min(place.cursor, page.count - 1))) return place.cursor + 1;
  for (std::size_t row = place.cursor + 1; row < std::min(page.count, place.top + shown.body_rows); ++row)
    if (opens(row)) return row;
  return place.cursor + 1;
}

bool move(UiState& state, const Event& event, const Frame& shown) {
  const std::size_t cursor = state.place().cursor, page = std::max<std::size_t>(shown.body_rows, 1);
  const std::size_t last = shown.page.count == 0 ? 0 : shown.page.count - 1;
  constexpr std::size_t kWheel = 3;
  if (event.key == Key::kDown || is_text(event, "j"))
    move_to(state, shown, below(state, shown));
  else if (event.key == Key::kUp || is_text(event, "k"))
    move_to(state, shown, cursor - std::min<std::size_t>(cursor, 1));
  else if (event.key == Key::kPageDown)
    move_to(state, shown, cursor + page);
  else if (event.key == Key::kPageUp)
    move_to(state, shown, cursor - std::min(cursor, page));
  else if (event.key == Key::kHome || is_text(event, "g"))
    move_to(state, shown, 0);
  else if (event.key == Key::kEnd || is_text(event, "G"))
    move_to(state, shown, last);
  else if (event.key == Key::kWheelDown)
    move_to(state, shown, cursor + kWheel);
  else if (event.key == Key::kWheelUp)
    move_to(state, shown, cursor - std::min(cursor, kWheel));
  else
    return false;
  return true;
}

std::optional<Subject> subject_under_cursor(const UiState& state, const Frame& shown) {
  const Page& page = shown.page;
  if (page.count == 0 || !page.subject) return std::nullopt;
  return page.subject(std::min(state.place().cursor, page.count - 1));
}

// The process that the way leads through, or that the cursor is on.
std::optional<Subject> process_at_hand(const UiState& state, const Frame& shown) {
  if (const Subject& subject = state.place().subject; subject != Subject{}) return subject.process();
  if (const std::optional<Subject> subject = subject_under_cursor(state, shown)) return subject->process();
  if (state.path.front().cursor_subject) return state.path.front().cursor_subject->process();
  return std::nullopt;
}

void go(UiState& state, const Place& place) { state.path.push_back(place); }

Place place_of(View view, const Subject& subject) {
  Place place;
  place.view = view;
  place.subject = subject;
  return place;
}

void choose_sort(UiState& state, const std::string& id) {
  if (state.sort == id)
    state.ascending = !state.ascending;
  else
    state.ascending = false;
  state.sort = id;
  for (Place& place : state.path)
    if (place.view == View::kProcesses || place.view == View::kThreads) place.top = 0;
}

void open(UiState& state, const Frame& shown) {
  const View view = state.place().view;
  if (view == View::kSortMenu) {
    const std::size_t row = std::min(state.place().cursor, columns().size() - 1);
    state.path.pop_back();
    choose_sort(state, std::string(columns()[row].id));
    return;
  }
  const std::optional<Subject> subject = subject_under_cursor(state, shown);
  if (!subject) {
    if (view == View::kWhy) state.message = "Enter shows a thread where the cursor is on one; they are at the end";
    return;
  }
  state.place().cursor_subject = subject;
  state.place().follows = true;
  go(state, place_of(subject->tid != 0 ? View::kThread : View::kWhy, *subject));
}

// Another list is shown now.
void to_top(UiState& state) {
  state.place().cursor = 0;
  state.place().follows = false;
}

void back(UiState& state) {
  if (state.path.size() > 1) {
    state.path.pop_back();
  } else if (state.place().view != View::kProcesses) {
    state.path = {Place{}};
  } else {
    state.filter.clear();
    to_top(state);
  }
}

void show_view(UiState& state, View view, const Frame& shown) {
  const bool on_process = view == View::kWhy || view == View::kTimeline;
  const std::optional<Subject> process = process_at_hand(state, shown);
  Place bottom = state.path.front();
  if (on_process) {
    if (!process && view == View::kWhy) {
      state.message = "no process is chosen";
      return;
    }
    if (bottom.view != View::kProcesses) bottom = Place{};
    bottom.cursor_subject = process;
    bottom.follows = process.has_value();
    // Without a process, the timeline is the machine's.
    state.path = {bottom, place_of(view, process.value_or(Subject{}))};
    return;
  }
  if (bottom.view == view) {
    state.path = {bottom};
    return;
  }
  Place place;
  place.view = view;
  if (view == View::kProcesses && process) place.cursor_subject = process;
  place.follows = place.cursor_subject.has_value();
  state.path = {place};
}

void next_view(UiState& state, const Frame& shown) {
  const auto now = static_cast<std::size_t>(state.place().view);
  std::size_t next = now < kNumberedViews ? (now + 1) % kNumberedViews : 0;
  if (static_cast<View>(next) == View::kWhy && !process_at_hand(state, shown)) ++next;
  show_view(state, static_cast<View>(next), shown);
}

bool travel(UiState& state, const Event& event, const Frame& shown) {
  if (event.key == Key::kEnter || event.key == Key::kRight || is_text(event, "l"))
    open(state, shown);
  else if (event.key == Key::kEscape || event.key == Key::kBackspace || event.key == Key::kLeft || is_text(event, "h"))
    back(state);
  else if (event.key == Key::kTab || is_text(event, "v"))
    next_view(state, shown);
  else if (event.key == Key::kF1 || is_text(event, "?"))
    state.place().view == View::kHelp ? back(state) : go(state, place_of(View::kHelp, {}));
  else if (event.key == Key::kF6 || is_text(event, ">"))
    state.place().view == View::kSortMenu ? back(state) : go(state, place_of(View::kSortMenu, {}));
  else if (event.key == Key::kText && event.text.size() == 1 && event.text[0] >= '1' && event.text[0] <= '9')
    show_view(state, static_cast<View>(event.text[0] - '1'), shown);
  else
    return false;
  return true;
}

// Text of a row, as it stands on the screen.
std::string row_text(const Page& page, std::size_t row) {
  const Line line = page.line(row);
  std::string text;
  for (const Span& span : line.spans()) text += span.text;
  return lower_case(text);
}

// The next row with the text, from `first` on and round.
void search_from(UiState& state, const Frame& shown, std::size_t first) {
  const std::string wanted = lower_case(state.search);
  const std::size_t count = shown.page.count;
  if (wanted.empty() || count == 0) return;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = (first + i) % count;
    if (row_text(shown.page, row).find(wanted) == std::string::npos) continue;
    move_to(state, shown, row);
    state.place().follows = true; // who was looked for, and not whoever is there
    return;
  }
  state.message = fmt::format("\"{}\" is nowhere here", state.search);
}

// While the user types; true: the key was for the prompt.
bool type(UiState& state, const Event& event, const Frame& shown) {
  if (state.prompt == Prompt::kNone) return false;
  std::string& text = state.prompt == Prompt::kSearch ? state.search : state.filter;
  switch (event.key) {
    case Key::kText:
      text += event.text;
      break;
    case Key::kBackspace:
      while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
      if (!text.empty()) text.pop_back();
      break;
    case Key::kEscape:
      text.clear();
      if (state.prompt == Prompt::kFilter) to_top(state);
      state.prompt = Prompt::kNone;
      return true;
    case Key::kEnter:
      if (state.prompt == Prompt::kSearch) search_from(state, shown, state.place().cursor); // says where there is none
      state.prompt = Prompt::kNone;
      return true;
    case Key::kF3:
      if (state.prompt == Prompt::kSearch) search_from(state, shown, state.place().cursor + 1);
      return true;
    default:
      state.prompt = Prompt::kNone;
      return false;
  }
  if (state.prompt == Prompt::kSearch)
    search_from(state, shown, state.place().cursor);
  else
    to_top(state);
  return true;
}

void tag(UiState& state, const Frame& shown) {
  const std::optional<Subject> subject = subject_under_cursor(state, shown);
  if (!subject) return;
  if (state.tagged.erase(*subject) == 0) state.tagged.insert(*subject);
  state.place().follows = false; // the row moves to the top, the cursor goes on to the next one
  state.place().cursor += 1;
}

bool choose(UiState& state, const Event& event, const Frame& shown) {
  if (is_text(event, "n") && !state.search.empty()) {
    search_from(state, shown, state.place().cursor + 1);
  } else if (event.key == Key::kF3 || is_text(event, "/") || is_text(event, "n")) {
    state.search.clear();
    state.prompt = Prompt::kSearch;
  } else if (event.key == Key::kF4 || is_text(event, "\\")) {
    if (state.path.size() > 1)
      state.message = "lists can be filtered; Esc leads back to one";
    else
      state.prompt = Prompt::kFilter;
  } else if (event.key == Key::kF5) {
    state.tree = !state.tree;
  } else if (is_text(event, "I")) {
    state.ascending = !state.ascending;
  } else if (is_text(event, "t")) {
    state.threads = !state.threads;
  } else if (is_text(event, "K")) {
    state.kernel_threads = !state.kernel_threads;
  } else if (is_text(event, " ")) {
    tag(state, shown);
  } else if (is_text(event, "U")) {
    state.tagged.clear();
  } else if (is_text(event, "w")) {
    state.whole_time = !state.whole_time;
  } else if (is_text(event, "[")) {
    state.zoom = std::max<std::size_t>(1, state.zoom - 1);
  } else if (is_text(event, "]")) {
    state.zoom = std::min(kMostZoom, state.zoom + 1);
  } else {
    return false;
  }
  return true;
}

void click(UiState& state, const Event& event, const Frame& shown) {
  const Page& page = shown.page;
  if (event.row >= shown.body_row && event.row < shown.body_row + shown.body_rows) {
    const std::size_t row = state.place().top + event.row - shown.body_row;
    if (row >= page.count) return;
    if (row == state.place().cursor)
      open(state, shown);
    else
      move_to(state, shown, row);
  } else if (!page.titles.empty() && event.row == shown.heading_row) {
    for (const Heading& heading : page.headings)
      if (event.column >= heading.begin && event.column < heading.end) choose_sort(state, heading.column_id);
  }
}

Request change_interval(UiState& state, bool longer) {
  if (longer) {
    const auto next = std::upper_bound(kIntervals.begin(), kIntervals.end(), state.interval_s);
    if (next != kIntervals.end()) state.interval_s = *next;
  } else {
    const auto next = std::lower_bound(kIntervals.begin(), kIntervals.end(), state.interval_s);
    if (next != kIntervals.begin()) state.interval_s = *std::prev(next);
  }
  state.message = fmt::format("an interval of {:.3g} s", state.interval_s);
  return Request::kInterval;
}

} // namespace

Request update(UiState& state, const Event& event, const Frame& shown) {
  if (event.key == Key::kResize) {
    state.rows = std::max<std::size_t>(event.row, 1);
    state.columns = std::max<std::size_t>(event.column, 1);
    return Request::kNone;
  }
  state.message.clear();
  if (type(state, event, shown)) return Request::kNone;
  if (event.key == Key::kClick) {
    click(state, event, shown);
    return Request::kNone;
  }
  if (is_text(event, "q") || event.key == Key::kF10) return Request::kQuit;
  if (is_text(event, "s")) return Request::kSave;
  if (is_text(event, "p") || is_text(event, "z")) {
    state.paused = !state.paused;
    return Request::kHold;
  }
  if (is_text(event, "+") || is_text(event, "=")) return change_interval(state, true);
  if (is_text(event, "-")) return change_interval(state, false);
  if (move(state, event, shown) || travel(state, event, shown) || choose(state, event, shown)) return Request::kNone;
  if (event.key != Key::kNone) state.message = "that key does nothing; F1 or ? lists those that do";
  return Request::kNone;
}

} // namespace ctxray::tui
