// SPDX-License-Identifier: GPL-2.0-or-later
// A line of CPUs, then one for each vector, in the kernel's order (show_softirqs, fs/proc/softirqs.c).
#include "probes/softirqs.h"

#include <charconv>
#include <sstream>
#include <vector>

namespace ctxray {

namespace {

std::vector<std::uint32_t> parse_cpus(const std::string& line) {
  constexpr std::size_t kPrefix = 3; // "CPU"
  std::vector<std::uint32_t> cpus;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    std::uint32_t cpu = 0;
    if (word.size() <= kPrefix ||
        std::from_chars(word.data() + kPrefix, word.data() + word.size(), cpu).ec != std::errc())
      return {};
    cpus.push_back(cpu);
  }
  return cpus;
}

} // namespace

void SoftirqCounts::add(std::istream& proc_softirqs, bool counts) {
  std::string line, name;
  std::getline(proc_softirqs, line);
  const std::vector<std::uint32_t> cpus = parse_cpus(line);
  for (std::uint32_t vector = 0; std::getline(proc_softirqs, line); ++vector) {
    std::istringstream words(line);
    words >> name;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < cpus.size() && words >> number; ++i) {
      const auto [found, is_new] = counts_.try_emplace({cpus[i], vector});
      Count& count = found->second;
      // A CPU that was not there before has no count to begin from but 0.
      if (counts) count.sum += is_new ? number : static_cast<std::uint32_t>(number - count.last);
      count.last = number;
    }
  }
}

std::uint64_t SoftirqCounts::count(std::uint32_t cpu, std::uint32_t vector) const {
  const auto found = counts_.find({cpu, vector});
  return found == counts_.end() ? 0 : found->second.sum;
}

} // namespace ctxray
