// SPDX-License-Identifier: GPL-2.0-or-later
// Pages of rows made beforehand.
#include "userspace/tui/page.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "userspace/text.h"

namespace ctxray::tui {

std::string_view view_title(View view) {
  switch (view) {
    case View::kProcesses:
      return "Processes";
    case View::kThreads:
      return "Threads";
    case View::kWhy:
      return "Why";
    case View::kTimeline:
      return "Timeline";
    case View::kPlaces:
      return "Places";
    case View::kInterrupts:
      return "Interrupts";
    case View::kSystem:
      return "System";
    case View::kCalls:
      return "Calls";
    case View::kHelp:
      return "Help";
    case View::kThread:
      return "Thread";
    case View::kSortMenu:
      return "Sort by";
  }
  return {};
}

Page page_of(Rows rows) {
  auto kept = std::make_shared<const Rows>(std::move(rows));
  Page page;
  page.count = kept->lines.size();
  page.line = [kept](std::size_t row) { return kept->lines[row]; };
  page.subject = [kept](std::size_t row) {
    return row < kept->subjects.size() ? kept->subjects[row] : std::optional<Subject>();
  };
  return page;
}

void add_wrapped(Rows& rows, std::string_view text, std::size_t width, std::size_t indent, Style style) {
  std::string rest = printable(text);
  std::size_t from = 0;
  while (true) {
    const std::size_t room = width > from + 8 ? width - from : 8;
    std::size_t cut = rest.size();
    if (display_width(rest) > room) {
      cut = rest.rfind(' ', room);
      if (cut == std::string::npos || cut == 0) cut = rest.find(' ');
      cut = std::min(cut, rest.size());
    }
    rows.add(Line().to(from).add(rest.substr(0, cut), style));
    if (cut >= rest.size()) return;
    rest = rest.substr(cut + 1);
    from = indent;
  }
}

} // namespace ctxray::tui
