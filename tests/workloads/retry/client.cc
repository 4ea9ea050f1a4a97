// SPDX-License-Identifier: GPL-2.0-or-later
// Asks a server that drops requests, and must have each answer by a deadline; prints a line on how it fared.
// Usage: client WAY PORT [QUESTIONS [WIDTH]]
#include <algorithm>

#include "tests/workloads/retry/way.h"

namespace {

using namespace retry;

struct NamedWay {
  const char* name;
  std::unique_ptr<Way> (*make)(const Terms& terms);
};

constexpr NamedWay kWays[] = {
    {"serial", one_after_another}, {"processes", by_processes}, {"threads", by_threads}, {"coroutines", by_coroutines}};

const NamedWay* find_way(const std::string& name) {
  const auto* found =
      std::find_if(std::begin(kWays), std::end(kWays), [&](const auto& way) { return way.name == name; });
  return found == std::end(kWays) ? nullptr : found;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void print_outcome(const char* way, const std::vector<Result>& results) {
  std::vector<double> answered;
  double lasted = 0, attempts_lasted = 0;
  std::uint32_t attempts = 0;
  for (const Result& result : results) {
    if (result.answered_after >= 0) answered.push_back(result.answered_after);
    lasted += result.lasted;
    attempts += result.attempts;
    attempts_lasted += result.attempts_lasted;
  }
  std::printf(
      "%s: %zu of %zu questions answered in time, after %.2f ms (median); %u attempts, %.2f under way at once\n", way,
      answered.size(), results.size(), median(answered) * 1e3, attempts, lasted > 0 ? attempts_lasted / lasted : 0);
}

void ask_all(const NamedWay& way, const Terms& terms, std::uint32_t questions) {
  // Whoever meets a worker that has died would wait for ever.
  alarm(static_cast<unsigned>(10 + 2 * terms.deadline * questions));
  std::vector<Result> results;
  {
    const std::unique_ptr<Way> made = way.make(terms);
    for (std::uint32_t question = 0; question < questions; ++question) results.push_back(made->ask(question));
  }
  print_outcome(way.name, results);
}

} // namespace

int main(int argc, char** argv) {
  const NamedWay* way = argc > 2 ? find_way(argv[1]) : nullptr;
  if (way == nullptr) {
    std::fprintf(stderr, "usage: %s serial|processes|threads|coroutines PORT [QUESTIONS [WIDTH]]\n", argv[0]);
    return 2;
  }
  Terms terms;
  terms.port = static_cast<unsigned short>(std::atoi(argv[2]));
  const int questions = argc > 3 ? std::atoi(argv[3]) : 64;
  if (argc > 4) terms.width = static_cast<unsigned>(std::max(1, std::atoi(argv[4])));
  ask_all(*way, terms, static_cast<std::uint32_t>(std::max(1, questions)));
}
