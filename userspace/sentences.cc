// SPDX-License-Identifier: GPL-2.0-or-later
// Joins names and figures.
#include "userspace/sentences.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "userspace/format.h"

namespace ctxray {

namespace {

std::string gain_words(double gain) {
  return gain >= kMostSpeedup ? "any number of times faster" : fmt::format("{:.3g}x faster", gain);
}

} // namespace

std::string io_model_sentence(const IoModel& model) {
  std::string sentence = model.name;
  for (const IoModel::Part& part : model.parts)
    sentence += fmt::format("{} {} {}", &part == model.parts.data() ? ":" : ",", io_style_name(part.style),
                            format_percent(part.share));
  return sentence;
}

std::string bounds_sentence(const Bounds& bounds) {
  constexpr double kWorthSaying = 1.01;
  const std::array<std::pair<std::string_view, double>, 4> cases = {{{"I/O were instant", bounds.instant_io},
                                                                     {"CPU work were instant", bounds.instant_cpu},
                                                                     {"locks were free", bounds.no_lock},
                                                                     {"CPUs were unlimited", bounds.enough_cpus}}};
  std::string sentence;
  for (const auto& [what, gain] : cases)
    if (gain >= kWorthSaying && gain < kMostSpeedup) // of what is nothing else, that is no news
      sentence += fmt::format("{}{} if {}", sentence.empty() ? "" : ", ", gain_words(gain), what);
  return sentence;
}

std::string advice_sentence(const Advice& advice) {
  constexpr double kAnyGain = 1.005;
  return advice.action + (advice.gain_max >= kAnyGain ? fmt::format(" (at most {})", gain_words(advice.gain_max)) : "");
}

std::string switch_in_sentence(const Totals& totals) {
  return fmt::format("switched in from: another process {}   own thread {}   idle {}", totals.switch_process,
                     totals.switch_thread, totals.switch_resume);
}

std::string format_rate(std::uint64_t count, std::uint64_t elapsed_ns) {
  return elapsed_ns == 0 ? "" : format_count(static_cast<double>(count) * 1e9 / static_cast<double>(elapsed_ns)) + "/s";
}

} // namespace ctxray
