// SPDX-License-Identifier: GPL-2.0-or-later
// Rounds figures and names their units.
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

std::string format_cpus(double cpus) { return fmt::format("{:.3g} CPU{}", cpus, cpus == 1 ? "" : "s"); }

std::string format_percent(double share) {
  std::string text = fmt::format("{:.1f}%", share * 100);
  if (share > 0 && text == "0.0%") return "<0.1%";
  if (share < 1 && text == "100.0%") return ">99.9%";
  return text;
}

} // namespace ctxray
