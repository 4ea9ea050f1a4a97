// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts text into glyphs by the Unicode tables of utf8proc, which depend on no locale.
#include "userspace/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cctype>

namespace ctxray {

namespace {

constexpr int kMostMarks = 2; // that combine with one character: more would only blot out its neighbours

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

bool is_mark(utf8proc_category_t category) {
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

// `code` is of a valid character. What can be ignored shows nothing, even where it is a letter or a mark.
bool is_visible(utf8proc_int32_t code) {
  const utf8proc_property_t& property = *utf8proc_get_property(code);
  if (property.ignorable != 0) return false;
  switch (property.category) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF: // turns the direction of writing, joins, or shows nothing
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return true;
  }
}

} // namespace

std::vector<Glyph> glyphs(std::string_view text) {
  std::vector<Glyph> list;
  list.reserve(text.size());
  int marks = kMostMarks; // none can begin a text
  for (std::size_t at = 0; at < text.size();) {
    if (is_plain(text[at])) {
      list.push_back({std::string(1, text[at]), 1});
      marks = 0;
      ++at;
      continue;
    }
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                                     static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    const bool visible = length > 0 && is_visible(code);
    const std::string_view bytes = text.substr(at, length > 0 ? static_cast<std::size_t>(length) : 1);
    at += bytes.size();
    if (visible && is_mark(utf8proc_category(code))) {
      if (marks++ < kMostMarks) list.back().bytes += bytes;
    } else if (const int width = visible ? utf8proc_charwidth(code) : 0; width < 1) {
      list.push_back({"?", 1});
      marks = kMostMarks;
    } else {
      list.push_back({std::string(bytes), static_cast<std::uint8_t>(width)});
      marks = 0;
    }
  }
  return list;
}

std::string printable(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string safe;
  for (const Glyph& glyph : glyphs(text)) safe += glyph.bytes;
  return safe;
}

std::string printable_lines(std::string_view text) {
  std::string safe;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    safe += printable(text.substr(0, end)) + "\n";
  return safe + printable(text);
}

std::size_t display_width(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_plain)) return text.size();
  std::size_t width = 0;
  for (const Glyph& glyph : glyphs(text)) width += glyph.width;
  return width;
}

std::string shorten(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  if (width == 0) return {};
  std::string cut;
  std::size_t columns = 0;
  for (const Glyph& glyph : glyphs(text)) {
    columns += glyph.width;
    if (columns >= width) break;
    cut += glyph.bytes;
  }
  return cut + "…";
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

} // namespace ctxray
