// SPDX-License-Identifier: GPL-2.0-or-later
// A screenful of styled cells, and lines of text to put into it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "userspace/tui/style.h"

namespace ctxray::tui {

// A run of text in one style.
struct Span {
  std::string text;
  Style style;
};

// One line, put together from left to right. Text may come from anywhere: what controls a terminal is replaced.
class Line {
 public:
  Line& add(std::string_view text, Style style = {});
  Line& add(std::string_view text, Role role, bool bold = false) { return add(text, Style{role, bold, false}); }
  // Right- or left-aligned in `width` columns, and cut to them.
  Line& right(std::string_view text, std::size_t width, Style style = {});
  Line& left(std::string_view text, std::size_t width, Style style = {});
  // Blanks up to this column.
  Line& to(std::size_t column);

  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }

 private:
  std::vector<Span> spans_;
  std::size_t width_ = 0;
};

struct Cell {
  std::string bytes = " "; // one glyph in UTF-8; empty: covered by the wide glyph on its left
  Style style;
};

class Grid {
 public:
  // `ascii`: glyphs beyond ASCII are replaced, since the terminal cannot show them.
  Grid(std::size_t rows, std::size_t columns, bool ascii);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] const Cell& at(std::size_t row, std::size_t column) const { return cells_[row * columns_ + column]; }

  // Cuts at `end` (at the latest at the right edge), with "…" where something is left out. Returns the column after it.
  std::size_t put(std::size_t row, std::size_t column, std::string_view text, Style style,
                  std::size_t end = std::string::npos);
  void put(std::size_t row, std::size_t column, const Line& line, std::size_t end = std::string::npos);
  // Gives a whole row the look of the row under the cursor.
  void select(std::size_t row);
  // Gives a whole row one role, for bars.
  void fill(std::size_t row, Role role);

  // Rows of text, for tests and dumps; blanks at the ends of lines are left out.
  [[nodiscard]] std::string text() const;

 private:
  std::size_t rows_;
  std::size_t columns_;
  bool ascii_;
  std::vector<Cell> cells_;
};

} // namespace ctxray::tui
