// SPDX-License-Identifier: GPL-2.0-or-later
// Text of any origin, made safe for a terminal and measured in its columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctxray {

// What one or two columns of a terminal show: a character, with the marks that combine with it.
struct Glyph {
  std::string bytes; // UTF-8
  std::uint8_t width = 1;
};

// Control bytes, invisible and unassigned characters and invalid UTF-8 become '?'; so no escape sequence is left.
std::vector<Glyph> glyphs(std::string_view text);

// The same as text.
std::string printable(std::string_view text);

// The same of text of several lines, whose ends stay.
std::string printable_lines(std::string_view text);

// At most `width` columns; longer text ends in "…". `text` is printable.
std::string shorten(const std::string& text, std::size_t width);

// Columns that it takes on a terminal.
std::size_t display_width(std::string_view text);

// Lower case of ASCII letters, for searches.
std::string lower_case(std::string_view text);

} // namespace ctxray
