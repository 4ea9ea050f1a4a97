// SPDX-License-Identifier: GPL-2.0-or-later
// What a view has to show: titles that stay, and rows that scroll below them, made only when they are drawn.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "userspace/tui/ui_state.h"

namespace ctxray::tui {

// Where a title stands, so that a click can sort by it.
struct Heading {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string column_id;
};

struct Page {
  std::vector<Line> titles;
  std::vector<Heading> headings; // in the last title
  std::size_t count = 0;
  std::function<Line(std::size_t row)> line;
  std::function<std::optional<Subject>(std::size_t row)> subject; // what Enter opens; may be empty
  std::string nothing;                                            // shown where there are no rows
};

// Rows that are made beforehand.
struct Rows {
  std::vector<Line> lines;
  std::vector<std::optional<Subject>> subjects; // as many as lines, or fewer

  void add(Line line) { lines.push_back(std::move(line)); }
  void add(Line line, const Subject& subject) {
    subjects.resize(lines.size());
    subjects.emplace_back(subject);
    lines.push_back(std::move(line));
  }
};
Page page_of(Rows rows);

// Text that is too wide goes on in further lines, `indent` columns in.
void add_wrapped(Rows& rows, std::string_view text, std::size_t width, std::size_t indent, Style style = {});

} // namespace ctxray::tui
