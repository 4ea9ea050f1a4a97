// SPDX-License-Identifier: GPL-2.0-or-later
// Figures as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ctxray {

// Three significant digits and a unit: "0 ns", "987 ns", "12.3 us", "4.56 ms", "1.23 s", "125 s".
std::string format_duration(std::uint64_t ns);

// "1234", "12.3k", "4.56M"; exact below 10,000.
std::string format_count(double count);

// "987 B", "12.3 MiB".
std::string format_bytes(std::uint64_t bytes);

// A share of 1: "12.3%"; what is neither 0 nor 1 is never shown as "0.0%" or "100.0%".
std::string format_percent(double share);

// "1 CPU", "1.5 CPUs".
std::string format_cpus(double cpus);

} // namespace ctxray
