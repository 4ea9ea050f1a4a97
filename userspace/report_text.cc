// SPDX-License-Identifier: GPL-2.0-or-later
// The report for people: the verdict first, then its evidence.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "userspace/budget.h"
#include "userspace/coroutines.h"
#include "userspace/describe.h"
#include "userspace/format.h"
#include "userspace/histogram.h"
#include "userspace/places.h"
#include "userspace/report.h"
#include "userspace/sentences.h"
#include "userspace/style.h"
#include "userspace/text.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string plural(std::uint64_t count, std::string_view noun) {
  const std::string_view ending = count == 1 ? "" : noun.back() == 's' ? "es" : "s";
  return fmt::format("{} {}{}", format_count(static_cast<double>(count)), noun, ending);
}

constexpr std::size_t kMargin = 12; // columns of the headings

class TextReport {
 public:
  TextReport(const Report& report, const TextStyle& style)
      : report_(report), sample_(report.model.interval), style_(style), paint_(style.colour) {}

  std::string write() {
    verdict();
    target();
    wall();
    switches();
    waits();
    places();
    runtime();
    io();
    interrupts();
    parallelism();
    bounds();
    processes();
    advice();
    closing();
    return text_;
  }

 private:
  void line(const std::string& content) { text_ += shorten(content, style_.width) + "\n"; }
  void heading(std::string_view name, const std::string& content) {
    painted(name, shorten(content, style_.width - kMargin));
  }
  // For content that fits already and may hold colours.
  void painted(std::string_view name, const std::string& content) {
    text_ += paint_.bold(fmt::format("{:<{}}", name, kMargin)) + content + "\n";
  }

  [[nodiscard]] std::string cost_words(std::string_view id) const {
    return format_duration(static_cast<std::uint64_t>(cost_of(report_.costs, id).value_or(0)));
  }

  void verdict() {
    const Verdict& verdict = report_.model.group.verdict;
    const std::string_view name = verdict_name(verdict.verdict_class);
    const std::string detail = ": " + verdict.detail,
                      confidence = fmt::format("(confidence {:.0f}%)", verdict.confidence * 100);
    const bool fits = name.size() + display_width(detail) + 3 + confidence.size() <= style_.width;
    text_ += paint_.verdict(verdict.verdict_class, std::string(name)) +
             shorten(detail + (fits ? "   " + confidence : ""), style_.width - name.size()) + "\n";
    if (!fits) line("  " + confidence);
    for (const std::string& reason : verdict.reasons) line("  " + reason);
    for (const RecentVerdict& recent : report_.recent.group)
      if (recent.verdict.verdict_class != verdict.verdict_class)
        line(fmt::format("  but in the last {}: {}, {}", format_duration(recent.elapsed_ns),
                         verdict_name(recent.verdict.verdict_class), recent.verdict.detail));
    text_ += "\n";
  }

  void target() {
    std::string what;
    for (const std::string& argument : report_.command) what += (what.empty() ? "" : " ") + printable(argument);
    for (const std::uint32_t pid : report_.pids) what += fmt::format("{}{}", what.empty() ? "pid " : ", ", pid);
    if (report_.kind == TargetKind::kSystem)
      what = report_.own_only ? "all your own processes; root sees all" : "the whole machine";
    heading("target", what);
    std::string seen = fmt::format("{}, {}, {} elapsed", plural(sample_.processes_seen, "process"),
                                   plural(sample_.threads_seen, "thread"), format_duration(sample_.wall.elapsed_ns));
    if (report_.exit_signal)
      seen += fmt::format(", killed by signal {}", *report_.exit_signal);
    else if (report_.exit_status)
      seen += fmt::format(", exit status {}", *report_.exit_status);
    heading("", seen);
  }

  void wall() {
    const Wall& wall = sample_.wall;
    const std::array<WallPart, 6> parts = wall_parts(wall);
    painted("wall clock", wall_bar(parts, wall.elapsed_ns, style_.width - kMargin, paint_));
    std::string legend;
    for (const WallPart& part : parts)
      if (part.ns > 0)
        legend += fmt::format("{}{} {} {}", legend.empty() ? "" : "  ", part.glyph, part.name,
                              format_percent(share(part.ns, wall.elapsed_ns)));
    heading("", legend);
    const Totals& totals = sample_.totals;
    heading("threads", fmt::format("on CPU {}   run queue {}   blocked {}", format_duration(totals.on_cpu_ns),
                                   format_duration(totals.run_queue_ns), format_duration(totals.blocked_ns())));
    constexpr std::uint64_t kWorthTelling = 50; // parts of the time
    if (totals.wakeup_latency_ns > wall.elapsed_ns / kWorthTelling)
      wrapped("", fmt::format(
                      "of the run queue {} until an idle CPU was ready: to the verdict, part of what was waited for",
                      format_duration(totals.wakeup_latency_ns)));
  }

  void switches() {
    const Totals& totals = sample_.totals;
    const std::uint64_t elapsed = sample_.wall.elapsed_ns;
    heading("switches", fmt::format("voluntary {} ({})   involuntary {} ({})", totals.voluntary,
                                    format_rate(totals.voluntary, elapsed), totals.involuntary,
                                    format_rate(totals.involuntary, elapsed)));
    heading("", switch_in_sentence(totals));
    if (const std::optional<double> ns = switching_ns(report_.costs, totals))
      wrapped("", fmt::format("cost by estimate {} of a CPU: a process switch takes {} here, a thread switch {}",
                              format_percent(*ns / static_cast<double>(std::max<std::uint64_t>(elapsed, 1))),
                              cost_words("process_switch"), cost_words("thread_switch")));
  }

  void waits() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < kReasons; ++i)
      if (sample_.totals.waits[i].count > 0) order.push_back(i);
    if (order.empty()) return heading("waits", "none");
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return sample_.totals.waits[a].total_ns > sample_.totals.waits[b].total_ns;
    });
    heading("waits", fmt::format("{:<12}{:>9}{:>11}{:>11}{:>11}{:>11}", "", "count", "total", "average", "p99", "max"));
    for (const std::size_t i : order) {
      const WaitTotal& wait = sample_.totals.waits[i];
      const std::optional<std::uint64_t> p99 =
          percentile_ns(histogram_in(sample_.histograms, static_cast<Reason>(i)), 0.99);
      heading("", fmt::format("{:<12}{:>9}{:>11}{:>11}{:>11}{:>11}", reason_name(static_cast<Reason>(i)),
                              format_count(static_cast<double>(wait.count)), format_duration(wait.total_ns),
                              format_duration(wait.total_ns / std::max<std::uint64_t>(wait.count, 1)),
                              p99 ? format_duration(std::min(*p99, wait.max_ns)) : "-", format_duration(wait.max_ns)));
    }
  }

  // Where most of the waiting was.
  void places() {
    constexpr std::size_t kMost = 6, kPlaceIndent = 34;
    std::vector<const ProcessSample*> processes;
    for (const ProcessSample& process : sample_.processes) processes.push_back(&process);
    const std::vector<PlaceOfWait> places = places_by_weight(processes);
    for (std::size_t i = 0; i < std::min(places.size(), kMost); ++i) {
      const SiteSample& site = *places[i].site;
      std::string text = fmt::format("{:<12}{:>9}{:>11}  ", reason_name(site.reason),
                                     format_count(static_cast<double>(site.count)), format_duration(site.total_ns));
      text += describe_place(site);
      if (const std::string waker = describe_waker(site); !waker.empty()) text += ", ended by " + waker;
      wrapped(i == 0 ? "places" : "", text, kPlaceIndent);
    }
  }

  void runtime() {
    for (const ProcessSample& process : sample_.processes)
      if (process.runtime == Runtime::kPythonUntold)
        wrapped("GIL", fmt::format("cannot tell: the lock of {} ({}) has no address of its own",
                                   printable(process.comm), process.pid));
    const char* name = "coroutines";
    for (const std::string& sentence : coroutine_sentences(sample_)) wrapped(std::exchange(name, ""), sentence);
  }

  void io() {
    const IoModel& model = report_.model.group.io_model;
    heading("I/O model", io_model_sentence(model));
    wrapped("", model.evidence);
    if (sample_.block) block(*sample_.block);
  }

  void block(const BlockSample& block) {
    const BlockTotals& totals = block.totals;
    if (block.kernel_requests > 0)
      heading("",
              fmt::format("kernel threads of this machine (writeback, journal): {} requests, {}",
                          format_count(static_cast<double>(block.kernel_requests)), format_bytes(block.kernel_bytes)));
    if (totals.requests == 0) return;
    wrapped("block path", fmt::format("{} requests, {}, {} of the device time overlapped with CPU work",
                                      format_count(static_cast<double>(totals.requests)), format_bytes(totals.bytes),
                                      format_percent(share(totals.overlapped_ns, totals.device_ns))));
    const std::array<std::pair<std::string_view, std::uint64_t>, kBlockStages> stages = {
        {{"queue", totals.queue_ns / totals.requests},
         {"device", totals.device_ns / totals.requests},
         {"wakeup", totals.completion_ns / std::max<std::uint64_t>(totals.wakeups, 1)},
         {"run queue", totals.run_queue_ns / std::max<std::uint64_t>(totals.wakeups, 1)}}};
    std::string list;
    for (std::size_t i = 0; i < kBlockStages; ++i) {
      const std::optional<std::uint64_t> p99 = percentile_ns(block.stages[i], 0.99);
      if (p99)
        list += fmt::format("{}{} {} (p99 {})", list.empty() ? "" : ", ", stages[i].first,
                            format_duration(stages[i].second), format_duration(*p99));
    }
    wrapped("", list);
  }

  void interrupts() {
    if (!sample_.hard || !sample_.soft) return;
    const Totals& totals = sample_.totals;
    heading("interrupts",
            fmt::format("on target: hard {} ({}), soft {} ({}): {} of its CPU",
                        format_count(static_cast<double>(totals.hard_count)), format_duration(totals.hard_ns),
                        format_count(static_cast<double>(totals.soft_count)), format_duration(totals.soft_ns),
                        format_percent(share(totals.hard_ns + totals.soft_ns, totals.on_cpu_ns))));
    interrupt_list("hard", sample_.hard);
    interrupt_list("soft", sample_.soft);
  }

  // The machine's most frequent ones.
  void interrupt_list(std::string_view kind, const std::optional<std::vector<InterruptSample>>& interrupts) {
    if (!interrupts || interrupts->empty()) return;
    std::vector<InterruptSample> sorted = *interrupts;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
    std::string list = fmt::format("{}, all CPUs:", kind);
    for (std::size_t i = 0; i < sorted.size() && sorted[i].count > 0; ++i) {
      const std::string next = fmt::format("{} {} {}", i == 0 ? "" : ",", printable(sorted[i].name),
                                           format_count(static_cast<double>(sorted[i].count)));
      if (display_width(list + next) > style_.width - kMargin) break;
      list += next;
    }
    heading("", list);
  }

  void parallelism() {
    const Wall& wall = sample_.wall;
    heading("parallelism", fmt::format("{:.2f} threads running on average, {:.2f} in flight, {} allowed",
                                       report_.model.group.parallelism_average, report_.model.group.in_flight_average,
                                       format_cpus(report_.model.group.cpus)));
    std::string list = fmt::format("running at once: 0 {}", format_percent(1 - share(wall.cpu_ns(), wall.elapsed_ns)));
    for (std::size_t k = 0; k < wall.running_ns.size(); ++k)
      list += fmt::format(", {} {}", k + 1, format_percent(share(wall.running_ns[k], wall.elapsed_ns)));
    heading("", list);
  }

  void bounds() {
    const std::string list = bounds_sentence(report_.model.group.bounds);
    if (!list.empty()) wrapped("at most", list);
  }

  void advice() {
    for (const Advice& one : report_.model.group.advice) {
      wrapped(&one == report_.model.group.advice.data() ? "advice" : "", advice_sentence(one));
      wrapped("", "  because " + one.because, 4);
    }
  }

  // For what must not be cut off: it goes on in the next line, this far in.
  void wrapped(std::string_view name, std::string text, std::size_t indent = 0) {
    const std::size_t width = style_.width - kMargin;
    while (display_width(text) > width) {
      const std::size_t cut = text.rfind(' ', width);
      if (cut == std::string::npos || cut <= indent) break;
      painted(name, text.substr(0, cut));
      text = std::string(indent, ' ') + text.substr(cut + 1);
      name = "";
    }
    heading(name, text);
  }

  void processes() {
    if (sample_.processes.size() < 2) return;
    std::vector<std::size_t> order(sample_.processes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return sample_.processes[a].totals.on_cpu_ns > sample_.processes[b].totals.on_cpu_ns;
    });
    heading("processes", fmt::format("{:>8}  {:<16}{:<11}{:>10}{:>11}{:>10}", "pid", "name", "verdict", "on CPU",
                                     "run queue", "switches"));
    constexpr std::size_t kMost = 10;
    for (std::size_t i = 0; i < std::min(order.size(), kMost); ++i) process(order[i]);
    if (order.size() > kMost) heading("", fmt::format("… and {} more (all are in the JSON)", order.size() - kMost));
  }

  void process(std::size_t index) {
    const ProcessSample& process = sample_.processes[index];
    const VerdictClass verdict_class = report_.model.processes[index].verdict.verdict_class;
    const Totals& totals = process.totals;
    const std::string name = shorten(printable(process.comm), 15);
    const std::string verdict = fmt::format("{:<11}", verdict_name(verdict_class));
    text_ += fmt::format("{:{}}{:>8}  {}{}{}{:>10}{:>11}{:>10}\n", "", kMargin, process.pid, name,
                         std::string(16 - display_width(name), ' '), paint_.verdict(verdict_class, verdict),
                         format_duration(totals.on_cpu_ns), format_duration(totals.run_queue_ns),
                         format_count(static_cast<double>(totals.voluntary + totals.involuntary)));
  }

  void closing() {
    const Loss& loss = sample_.loss;
    const std::string losses =
        loss.total() == 0
            ? "nothing lost"
            : fmt::format("LOST: {} events, {} program runs, {} threads unseen, {} processes not told apart",
                          loss.dropped, loss.recursion_misses, loss.unseeded, loss.map_full);
    const std::string seen = sample_.call_sampling
                                 ? fmt::format("; {} of system calls seen, their counts are estimates",
                                               format_percent(1 / sample_.call_sampling->weight))
                                 : "";
    const Overhead& overhead = sample_.overhead;
    const auto time = [&](std::uint64_t ns) {
      return fmt::format("{} ({})", format_duration(ns), format_percent(share(ns, sample_.wall.elapsed_ns)));
    };
    heading("ctxray", fmt::format("{}{}; {} events; own CPU time {}", losses, seen,
                                  format_count(static_cast<double>(overhead.events)), time(overhead.own_cpu_ns)));
    if (loss.withheld > 0)
      heading("", fmt::format("{} not shown from where it took on rights that are not yours",
                              plural(loss.withheld, "process")));
    if (overhead.bpf_ns) heading("", fmt::format("CPU time of its probes about {}", time(*overhead.bpf_ns)));
    if (overhead.budget) wrapped("", budget_sentence(*overhead.budget));
  }

  const Report& report_;
  const Sample& sample_;
  const TextStyle& style_;
  Paint paint_;
  std::string text_;
};

} // namespace

std::string text_report(const Report& report, const TextStyle& style) { return TextReport(report, style).write(); }

} // namespace ctxray
