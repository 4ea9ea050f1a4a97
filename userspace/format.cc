// SPDX-License-Identifier: GPL-2.0-or-later
// Turns figures and foreign text into what can be printed.
#include "userspace/format.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace ctxray {

namespace {

struct Unit {
  double factor;
  std::string_view name;
};

std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

// Length of the valid UTF-8 sequence at `at`, 0 if there is none (RFC 3629).
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (length == 3 && ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f))) return 0;
  if (length == 4 && ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))) return 0;
  return length;
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0; // U+0080 to U+009F
}

} // namespace

std::string format_duration(std::uint64_t ns) {
  static constexpr std::array<Unit, 3> kUnits = {{{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}}};
  const auto value = static_cast<double>(ns);
  for (const Unit& unit : kUnits)
    if (value >= unit.factor * 0.9995) return fmt::format("{} {}", three_digits(value / unit.factor), unit.name);
  return fmt::format("{} ns", ns);
}

std::string format_count(double count) {
  static constexpr std::array<Unit, 3> kUnits = {{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  if (count < 9999.5) return fmt::format("{:.0f}", count);
  for (const Unit& unit : kUnits)
    if (count >= unit.factor * 0.9995) return three_digits(count / unit.factor) + std::string(unit.name);
  return fmt::format("{:.0f}", count);
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<Unit, 4> kUnits = {
      {{1024.0 * 1024 * 1024 * 1024, "TiB"}, {1024.0 * 1024 * 1024, "GiB"}, {1024.0 * 1024, "MiB"}, {1024.0, "KiB"}}};
  for (const Unit& unit : kUnits)
    if (static_cast<double>(bytes) >= unit.factor)
      return three_digits(static_cast<double>(bytes) / unit.factor) + " " + std::string(unit.name);
  return fmt::format("{} B", bytes);
}

std::string format_percent(double share) {
  std::string text = fmt::format("{:.1f}%", share * 100);
  if (share > 0 && text == "0.0%") return "<0.1%";
  if (share < 1 && text == "100.0%") return ">99.9%";
  return text;
}

std::string printable(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0 || is_control(text.substr(at, length)))
      safe += '?';
    else
      safe += text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return safe;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return width;
}

std::string shorten(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  if (width == 0) return {};
  std::string cut;
  std::size_t columns = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 && ++columns == width) break;
    cut += c;
  }
  return cut + "…";
}

} // namespace ctxray
