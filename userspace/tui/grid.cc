// SPDX-License-Identifier: GPL-2.0-or-later
// Puts glyphs into cells, whatever their width.
#include "userspace/tui/grid.h"

#include <algorithm>

#include "userspace/text.h"

namespace ctxray::tui {

Line& Line::add(std::string_view text, Style style) {
  if (text.empty()) return *this;
  spans_.push_back({printable(text), style});
  width_ += display_width(spans_.back().text);
  return *this;
}

Line& Line::right(std::string_view text, std::size_t width, Style style) {
  const std::string cut = shorten(printable(text), width);
  return to(width_ + width - display_width(cut)).add(cut, style);
}

Line& Line::left(std::string_view text, std::size_t width, Style style) {
  const std::size_t end = width_ + width;
  return add(shorten(printable(text), width), style).to(end);
}

Line& Line::to(std::size_t column) {
  return column <= width_ ? *this : add(std::string(column - width_, ' '), Style{});
}

Grid::Grid(std::size_t rows, std::size_t columns, bool ascii)
    : rows_(rows), columns_(columns), ascii_(ascii), cells_(rows * columns) {}

std::size_t Grid::put(std::size_t row, std::size_t column, std::string_view text, Style style, std::size_t end) {
  end = std::min(end, columns_);
  if (row >= rows_ || column >= end) return column;
  for (const Glyph& glyph : glyphs(shorten(std::string(text), end - column))) {
    if (column + glyph.width > end) break;
    const bool shown = !ascii_ || glyph.bytes.size() == 1;
    Cell* const cells = &cells_[row * columns_ + column];
    cells[0] = {shown ? glyph.bytes : glyph.bytes == "…" ? "~" : "?", style};
    for (std::size_t i = 1; i < glyph.width; ++i) cells[i] = {shown ? "" : "?", style};
    column += glyph.width;
  }
  return column;
}

void Grid::put(std::size_t row, std::size_t column, const Line& line, std::size_t end) {
  end = std::min(end, columns_);
  for (const Span& span : line.spans()) {
    const bool cut = column >= end;
    if (cut) break;
    column = put(row, column, span.text, span.style, end);
  }
}

void Grid::select(std::size_t row) {
  if (row >= rows_) return;
  for (std::size_t column = 0; column < columns_; ++column) cells_[row * columns_ + column].style.selected = true;
}

void Grid::fill(std::size_t row, Role role) {
  if (row >= rows_) return;
  for (std::size_t column = 0; column < columns_; ++column) cells_[row * columns_ + column].style.role = role;
}

std::string Grid::text() const {
  std::string text;
  for (std::size_t row = 0; row < rows_; ++row) {
    std::string line;
    for (std::size_t column = 0; column < columns_; ++column) line += at(row, column).bytes;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

} // namespace ctxray::tui
