// SPDX-License-Identifier: GPL-2.0-or-later
// Puts the switches of coroutines in relation.
#include "userspace/coroutines.h"

#include <algorithm>

#include <fmt/format.h>

#include "userspace/format.h"
#include "userspace/sentences.h"
#include "userspace/text.h"

namespace ctxray {

Coroutines coroutines_of(const Sample& sample) {
  Coroutines all;
  for (const ProcessSample& process : sample.processes) add(all, process.coroutines);
  return all;
}

double per_kernel_switch(const Coroutines& coroutines, const Totals& totals) {
  const std::uint64_t switches = totals.voluntary + totals.involuntary;
  return switches == 0 ? 0 : static_cast<double>(coroutines.total()) / static_cast<double>(switches);
}

double events_per_wake(const Totals& totals) {
  const Calls& calls = totals.calls;
  const std::uint64_t wakes = calls.multiplex - std::min(calls.multiplex, calls.multiplex_empty);
  return wakes == 0 ? 0 : static_cast<double>(calls.multiplex_events) / static_cast<double>(wakes);
}

double probing_cost(const Coroutines& coroutines, std::uint64_t elapsed_ns) {
  return elapsed_ns == 0 ? 0 : static_cast<double>(coroutines.probe_ns) / static_cast<double>(elapsed_ns);
}

std::vector<std::string> switch_sentences(const Coroutines& coroutines, const Totals& totals,
                                          std::uint64_t elapsed_ns) {
  std::vector<std::string> sentences;
  for (const CoroutineSwitches& one : coroutines.switches)
    sentences.push_back(
        fmt::format("{}: {} switches ({})", printable(one.runtime), one.count, format_rate(one.count, elapsed_ns)));
  if (coroutines.total() > 0)
    sentences.push_back(fmt::format("{:.3g} for each switch by the kernel", per_kernel_switch(coroutines, totals)));
  if (coroutines.untold > 0)
    sentences.push_back(fmt::format("{} more calls may have been switches", coroutines.untold));
  if (coroutines.loop_max_ns > 0) {
    const double events = events_per_wake(totals);
    sentences.push_back(fmt::format("event loop: away from its wait for at most {}{}",
                                    format_duration(coroutines.loop_max_ns),
                                    events > 0 ? fmt::format(", {:.3g} events a wake", events) : ""));
  }
  return sentences;
}

std::vector<std::string> coroutine_sentences(const Sample& sample) {
  if (!sample.coroutine_probing) return {};
  const CoroutineProbing& probing = *sample.coroutine_probing;
  const Coroutines all = coroutines_of(sample);
  const std::uint64_t elapsed_ns = sample.wall.elapsed_ns;
  std::vector<std::string> sentences = switch_sentences(all, sample.totals, elapsed_ns);
  if (all.total() == 0) sentences.emplace_back("no switch was seen");
  for (const std::string& probe : probing.probes) sentences.push_back("probed " + printable(probe));
  if (all.total() == 0)
    for (const std::string& program : probing.programs)
      sentences.push_back(fmt::format("not in {}, which may be stripped: {}; --coroutine-probe names another function",
                                      printable(program), probing.looked_for));
  if (!probing.probes.empty())
    sentences.push_back(fmt::format("probes hit {} times: {} of a CPU by estimate, {} each",
                                    format_count(static_cast<double>(all.probe_hits)),
                                    format_percent(probing_cost(all, elapsed_ns)),
                                    format_duration(all.probe_ns / std::max<std::uint64_t>(all.probe_hits, 1))));
  return sentences;
}

} // namespace ctxray
