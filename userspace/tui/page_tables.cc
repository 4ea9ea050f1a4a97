// SPDX-License-Identifier: GPL-2.0-or-later
// The machine's tables: places of waiting, interrupts, system calls, CPUs.
#include <fmt/format.h>

#include <algorithm>

#include "userspace/describe.h"
#include "userspace/format.h"
#include "userspace/histogram.h"
#include "userspace/places.h"
#include "userspace/text.h"
#include "userspace/tui/columns.h"
#include "userspace/tui/pages.h"
#include "userspace/tui/sections.h"

namespace ctxray::tui {

namespace {

Line titles(std::string_view text) { return Line().add(text, Role::kHead); }

std::string part_of_interval(const Board& board, std::uint64_t ns) {
  return board.interval_s() <= 0 ? "-" : format_percent(board.of_interval(ns));
}

std::string nothing(const UiState& state, std::string_view words) {
  return state.filter.empty() ? std::string(words) : fmt::format("nothing matches the filter \"{}\"", state.filter);
}

bool is_wanted(const std::string& text, const UiState& state) {
  return state.filter.empty() || lower_case(text).find(lower_case(state.filter)) != std::string::npos;
}

void add_interrupts_of(Rows& rows, const Board& board, const UiState& state, std::string_view kind,
                       const std::optional<std::vector<InterruptSample>>& interrupts) {
  if (!interrupts) {
    rows.add(Line().add(fmt::format("{} interrupts are not probed: `ctxray doctor` tells why", kind), Role::kAlert));
    return;
  }
  std::vector<const InterruptSample*> order;
  for (const InterruptSample& interrupt : *interrupts)
    if (is_wanted(interrupt.name, state)) order.push_back(&interrupt);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->count > b->count; });
  for (const InterruptSample* interrupt : order) {
    Line line = Line().left(kind, 6, Style{Role::kLabel}).left(interrupt->name, 24);
    line.right(each_second(board, interrupt->count), 9).right(part_of_interval(board, interrupt->total_ns), 9);
    line.right(interrupt->count == 0 ? "-" : format_duration(interrupt->total_ns / interrupt->count), 10);
    for (const InterruptOnCpu& cpu : interrupt->per_cpu) {
      if (cpu.count == 0) continue;
      line.add(fmt::format("  cpu{} ", cpu.cpu), Role::kLabel).add(each_second(board, cpu.count));
    }
    rows.add(std::move(line));
  }
}

void add_cpu(Rows& rows, const Board& board, const CpuSample& cpu) {
  const std::uint64_t switches = cpu.switch_process + cpu.switch_thread + cpu.switch_resume;
  const auto length = [&](double part) {
    const std::optional<std::uint64_t> ns = percentile_ns(cpu.run_queue, part);
    return ns ? format_duration(*ns) : std::string("-");
  };
  rows.add(Line()
               .left(fmt::format("cpu{}", cpu.cpu), 6, Style{Role::kLabel})
               .right(part_of_interval(board, cpu.on_cpu_ns), 8)
               .right(each_second(board, cpu.switch_process), 10)
               .right(each_second(board, cpu.switch_thread), 10)
               .right(each_second(board, cpu.switch_resume), 10)
               .right(switches == 0 ? "-" : format_duration(cpu.run_queue_ns / switches), 10)
               .right(length(0.5), 10)
               .right(length(0.99), 10));
}

void add_losses(const Section& section, const Loss& loss) {
  const Style alert{Role::kAlert, true, false};
  if (loss.total() == 0) return add_text(section, "lost", "nothing");
  add_text(section, "lost",
           fmt::format("{} switches, {} program runs, {} threads unseen, {} processes not told apart", loss.dropped,
                       loss.recursion_misses, loss.unseeded, loss.map_full),
           alert);
}

} // namespace

Page places_page(const Board& board, const UiState& state) {
  Rows rows;
  std::vector<const ProcessSample*> active;
  for (const Entry* entry : board.present())
    if (!entry->quiet) active.push_back(&entry->interval);
  for (const PlaceOfWait& place : places_by_weight(active)) {
    const std::string where = describe_place(*place.site);
    const std::string text = place.process->comm + " " + std::string(reason_name(place.site->reason)) + " " + where;
    if (!is_wanted(text, state)) continue;
    Line line = Line().right(std::to_string(place.process->pid), 7).add(" ").left(place.process->comm, 15);
    line.add(" ").left(reason_name(place.site->reason), 11, Style{Role::kLabel});
    line.right(each_second(board, place.site->count), 8).right(format_duration(place.site->total_ns), 10).add("  ");
    line.add(where);
    if (const std::string waker = describe_waker(*place.site); !waker.empty())
      line.add(", ended by " + waker, Role::kDim);
    rows.add(std::move(line), subject_of(*place.process));
  }
  Page page = page_of(std::move(rows));
  page.titles.push_back(titles("    PID NAME            REASON       WAITS/s     TOTAL  PLACE, AND WHO ENDED MOST"));
  page.nothing = nothing(state, "no wait has ended in the last interval");
  return page;
}

Page interrupts_page(const Board& board, const UiState& state) {
  Rows rows;
  add_interrupts_of(rows, board, state, "hard", board.interval().hard);
  add_interrupts_of(rows, board, state, "soft", board.interval().soft);
  Page page = page_of(std::move(rows));
  page.titles.push_back(titles("KIND  LINE OR VECTOR               RATE/s     TIME   AVERAGE  RATE/s BY CPU"));
  page.nothing = nothing(state, "no interrupts yet");
  return page;
}

Page calls_page(const Board& board, const UiState& state) {
  Rows rows;
  const auto& calls = board.interval().syscalls;
  std::vector<const SyscallSample*> order;
  if (calls)
    for (const SyscallSample& call : *calls)
      if (call.count > 0 && is_wanted(call.name, state)) order.push_back(&call);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->count > b->count; });
  for (const SyscallSample* call : order)
    rows.add(Line()
                 .left(call->name, 22)
                 .right(each_second(board, call->count), 10)
                 .right(each_second(board, call->errors), 10)
                 .right(each_second(board, call->eagain), 10)
                 .right(each_second(board, call->blocks), 10)
                 .right(format_duration(call->blocked_ns), 12));
  Page page = page_of(std::move(rows));
  page.titles.push_back(titles("SYSTEM CALL              CALLS/s  ERRORS/s  EAGAIN/s   WAITS/s     BLOCKED"));
  if (board.interval().call_sampling)
    page.titles.insert(page.titles.begin(),
                       titles(fmt::format("estimates: {} of the calls were seen; their waits are all counted",
                                          format_percent(1 / board.interval().call_sampling->weight))));
  page.nothing =
      calls ? nothing(state, "no system calls in the last interval") : "system calls are not counted (--syscalls off)";
  return page;
}

Page system_page(const Board& board, const UiState& state) {
  Rows rows;
  const Marks marks(state.ascii);
  const Section section{rows, marks, state.columns};
  const SystemSample& interval = board.interval();
  std::vector<SiteSample> sites;
  for (const Entry* entry : board.present())
    sites.insert(sites.end(), entry->interval.sites.begin(), entry->interval.sites.end());
  const Judgement judgement = judge_group(interval, board.evidence(), sites);
  add_verdict(section, judgement);
  add_wall(section, board.evidence());
  add_switches(section, interval.totals, interval.wall.elapsed_ns);
  add_parallelism(section, judgement, interval.wall);
  rows.add(Line());
  rows.add(titles("CPU     BUSY   PROCESS/s  THREAD/s  RESUME/s  RUNQ AVG       P50       P99"));
  for (const CpuSample& cpu : interval.cpus) add_cpu(rows, board, cpu);
  rows.add(Line());
  add_waits(section, interval.totals, interval.histograms);
  if (interval.block) add_block_path(section, interval.block->totals);
  add_losses(section, interval.loss);
  return page_of(std::move(rows));
}

} // namespace ctxray::tui
