// SPDX-License-Identifier: GPL-2.0-or-later
// Puts verdicts, waits and the rest into rows.
#include "userspace/tui/sections.h"
#include "userspace/coroutines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "userspace/coroutines.h"
#include "userspace/describe.h"
#include "userspace/format.h"
#include "userspace/histogram.h"
#include "userspace/places.h"
#include "userspace/sentences.h"
#include "userspace/text.h"
#include "userspace/tui/columns.h"

namespace ctxray::tui {

std::string each_second(const Board& board, std::uint64_t count) {
  return board.interval_s() <= 0 ? "-" : format_count(board.per_second(count));
}

Line headed(std::string_view heading) { return Line().left(heading, kMargin, Style{Role::kHead, true, false}); }

void add_text(const Section& section, std::string_view heading, std::string_view text, Style style) {
  Rows wrapped;
  add_wrapped(wrapped, text, section.width > kMargin ? section.width - kMargin : 1, 2, style);
  for (const Line& part : wrapped.lines) {
    Line line = headed(heading);
    for (const Span& span : part.spans()) line.add(span.text, span.style);
    section.rows.add(std::move(line));
    heading = "";
  }
}

void add_verdict(const Section& section, const Judgement& judgement) {
  const Verdict& verdict = judgement.verdict;
  section.rows.add(headed("verdict")
                       .add(verdict_name(verdict.verdict_class), verdict_role(verdict.verdict_class), true)
                       .add(fmt::format(": {}   (confidence {:.0f}%)", verdict.detail, verdict.confidence * 100)));
  for (const std::string& reason : verdict.reasons) add_text(section, "", reason);
}

void add_advice(const Section& section, const Judgement& judgement) {
  std::string_view heading = "advice";
  for (const Advice& advice : judgement.advice) {
    add_text(section, heading, advice_sentence(advice), Style{Role::kText, true, false});
    add_text(section, "", "  because " + advice.because);
    heading = "";
  }
}

void add_wall(const Section& section, const Evidence& evidence) {
  Line bar = headed("wall clock");
  const StateTimes times = judged_states(evidence);
  section.marks.bar(bar, times, section.width > kMargin + 1 ? section.width - kMargin - 1 : 1);
  section.rows.add(std::move(bar));
  Line legend = headed("");
  for (std::size_t i = 0; i < kStates; ++i) {
    if (times[i] == 0) continue;
    const auto state = static_cast<State>(i);
    legend.add(section.marks.state(state), state_role(state));
    legend.add(fmt::format(" {} {}  ", state_name(state), format_percent(ratio(times[i], evidence.wall.elapsed_ns))));
  }
  section.rows.add(std::move(legend));
}

void add_thread_time(const Section& section, const Totals& totals) {
  constexpr std::uint64_t kEnoughTicks = 100'000'000; // the kernel samples where CPU time goes once a tick
  const std::uint64_t split = totals.user_ns + totals.system_ns;
  std::string text = "on CPU " + format_duration(totals.on_cpu_ns);
  if (split >= kEnoughTicks)
    text += fmt::format(" ({:.0f}% user, {:.0f}% kernel)", 100 * ratio(totals.user_ns, split),
                        100 * ratio(totals.system_ns, split));
  text += "   run queue " + format_duration(totals.run_queue_ns);
  if (totals.wakeup_latency_ns > totals.run_queue_ns / 20)
    text += fmt::format(" (of it {} until an idle CPU was ready, above part of the wait)",
                        format_duration(totals.wakeup_latency_ns));
  add_text(section, "threads", text + "   blocked " + format_duration(totals.blocked_ns()));
}

void add_coroutines(const Section& section, const ProcessSample& process) {
  std::string_view heading = "coroutines";
  for (const std::string& sentence : switch_sentences(process.coroutines, process.totals, process.wall.elapsed_ns)) {
    add_text(section, heading, sentence);
    heading = "";
  }
}

void add_switches(const Section& section, const Totals& totals, std::uint64_t elapsed_ns) {
  add_text(section, "switches",
           fmt::format("voluntary {} ({})   involuntary {} ({})", format_count(static_cast<double>(totals.voluntary)),
                       format_rate(totals.voluntary, elapsed_ns), format_count(static_cast<double>(totals.involuntary)),
                       format_rate(totals.involuntary, elapsed_ns)));
  add_text(section, "", switch_in_sentence(totals));
}

void add_parallelism(const Section& section, const Judgement& judgement, const Wall& wall) {
  add_text(section, "parallelism",
           fmt::format("{:.2f} threads running on average, {:.2f} in flight, {} allowed", judgement.parallelism_average,
                       judgement.in_flight_average, format_cpus(judgement.cpus)));
  const std::size_t width = std::min<std::size_t>(40, section.width > 40 ? section.width - 36 : 4);
  const auto row = [&](std::string_view label, std::uint64_t ns, Role role) {
    const double part = ratio(ns, wall.elapsed_ns);
    const auto eighths = static_cast<std::size_t>(std::lround(part * static_cast<double>(8 * width)));
    Line line = headed("");
    line.right(label, 4).add(" ").right(format_percent(part), 7).add("  ");
    for (std::size_t i = 0; i < eighths / 8; ++i) line.add(section.marks.level(8), role);
    if (eighths < 8 && ns > 0) line.add(section.marks.level(std::max<std::size_t>(1, eighths)), role);
    section.rows.add(std::move(line));
  };
  row("0", wall.elapsed_ns - std::min(wall.elapsed_ns, wall.cpu_ns()), Role::kIdle);
  for (std::size_t k = 0; k < wall.running_ns.size(); ++k) row(std::to_string(k + 1), wall.running_ns[k], Role::kCpu);
}

void add_waits(const Section& section, const Totals& totals, const Histograms& histograms) {
  constexpr std::size_t kFirst = 10, kCells = 12, kPerCell = 2; // from 1 us on, by factors of four
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < kReasons; ++i)
    if (totals.waits[i].total_ns > 0) order.push_back(i);
  if (order.empty()) return add_text(section, "waits", "none");
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return totals.waits[a].total_ns > totals.waits[b].total_ns; });
  section.rows.add(headed("waits").add(fmt::format("{:<12}{:>8}{:>9}{:>9}{:>9}{:>9}  {}", "", "ended", "total",
                                                   "average", "p50", "p99", "1us 32us 1ms 33ms 1s"),
                                       Role::kLabel));
  for (const std::size_t i : order) {
    const WaitTotal& wait = totals.waits[i];
    const Histogram& histogram = histogram_in(histograms, static_cast<Reason>(i));
    std::uint64_t ended = 0;
    for (const std::uint64_t count : histogram) ended += count;
    const auto length = [&](double part) {
      const std::optional<std::uint64_t> ns = percentile_ns(histogram, part);
      return ns ? format_duration(wait.max_ns == 0 ? *ns : std::min(*ns, wait.max_ns)) : std::string("-");
    };
    const std::uint64_t ended_ns = wait.total_ns - std::min(wait.total_ns, wait.under_way_ns);
    Line line = headed("");
    line.add(fmt::format("{:<12}{:>8}{:>9}{:>9}{:>9}{:>9}  ", reason_name(static_cast<Reason>(i)),
                         format_count(static_cast<double>(ended)), format_duration(wait.total_ns),
                         ended == 0 ? "-" : format_duration(ended_ns / ended), length(0.5), length(0.99)));
    if (ended > 0) section.marks.histogram(line, histogram, kFirst, kCells, kPerCell);
    section.rows.add(std::move(line));
  }
}

void add_places(const Section& section, const std::vector<SiteSample>& sites, std::size_t most) {
  std::vector<const SiteSample*> order;
  for (const SiteSample& site : sites)
    if (site.total_ns > 0) order.push_back(&site);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return matters_more(*a, *b); });
  for (std::size_t i = 0; i < std::min(order.size(), most); ++i) {
    const SiteSample& site = *order[i];
    std::string text =
        fmt::format("{:<12}{:>8}{:>9}  {}", reason_name(site.reason), format_count(static_cast<double>(site.count)),
                    format_duration(site.total_ns), describe_place(site));
    if (const std::string waker = describe_waker(site); !waker.empty()) text += ", ended by " + waker;
    add_text(section, i == 0 ? "places" : "", text);
  }
  if (order.size() > most) add_text(section, "", fmt::format("… and {} more", order.size() - most), Style{Role::kDim});
}

void add_io_model(const Section& section, const Judgement& judgement) {
  add_text(section, "I/O model", io_model_sentence(judgement.io_model));
  add_text(section, "", judgement.io_model.evidence);
}

void add_block_path(const Section& section, const BlockTotals& totals) {
  if (totals.requests == 0) return;
  const auto average = [](std::uint64_t ns, std::uint64_t count) {
    return count == 0 ? std::string("-") : format_duration(ns / count);
  };
  add_text(section, "block path",
           fmt::format("{} requests, {}, {} of the device time overlapped with CPU work",
                       format_count(static_cast<double>(totals.requests)), format_bytes(totals.bytes),
                       format_percent(ratio(totals.overlapped_ns, totals.device_ns))));
  add_text(section, "",
           fmt::format("on average: queue {}, device {}, wakeup {}, run queue {}",
                       average(totals.queue_ns, totals.queued), average(totals.device_ns, totals.requests),
                       average(totals.completion_ns, totals.wakeups), average(totals.run_queue_ns, totals.wakeups)));
}

void add_interrupts(const Section& section, const Totals& totals) {
  add_text(section, "interrupts",
           fmt::format("hard {} ({}), soft {} ({}): {} of its CPU time",
                       format_count(static_cast<double>(totals.hard_count)), format_duration(totals.hard_ns),
                       format_count(static_cast<double>(totals.soft_count)), format_duration(totals.soft_ns),
                       format_percent(ratio(totals.hard_ns + totals.soft_ns, totals.on_cpu_ns))));
}

void add_bounds(const Section& section, const Bounds& bounds) {
  const std::string sentence = bounds_sentence(bounds);
  if (!sentence.empty()) add_text(section, "at most", sentence);
}

} // namespace ctxray::tui
