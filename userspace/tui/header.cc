// SPDX-License-Identifier: GPL-2.0-or-later
// Sums up the machine in a few lines.
#include "userspace/tui/header.h"

#include <fmt/format.h>

#include <algorithm>

#include "userspace/budget.h"
#include "userspace/format.h"
#include "userspace/tui/columns.h"
#include "userspace/tui/sections.h"

namespace ctxray::tui {

namespace {

constexpr Style kLabel{Role::kLabel};

Line machine_line(const Board& board, const UiState& state) {
  const SystemSample& interval = board.interval();
  Line line = Line().add("ctxray ", Role::kHead, true);
  if (interval.cpus_online > 0) line.add(fmt::format(" {} CPUs", interval.cpus_online));
  if (interval.load)
    line.add("  load ", Role::kLabel)
        .add(fmt::format("{:.2f} {:.2f} {:.2f}", (*interval.load)[0], (*interval.load)[1], (*interval.load)[2]));
  std::size_t processes = 0, threads = 0;
  for (const Entry* entry : board.present()) {
    const ProcessSample& process = entry->interval;
    if (process.ended) continue;
    ++processes;
    threads +=
        static_cast<std::size_t>(std::count_if(process.threads.begin(), process.threads.end(),
                                               [](const ThreadSample& t) { return t.state != ThreadState::kEnded; }));
  }
  if (board.interval_s() > 0)
    line.add(fmt::format("  {}", processes))
        .add(processes == 1 ? " process " : " processes ", kLabel)
        .add(std::to_string(threads))
        .add(threads == 1 ? " thread" : " threads", kLabel);
  line.add("  each ", kLabel).add(fmt::format("{:.3g} s", state.interval_s));
  if (state.paused) line.add("  HELD", Role::kAlert, true);
  return line;
}

Line wall_line(const Board& board, const UiState& state) {
  const Marks marks(state.ascii);
  const Wall& wall = board.interval().wall;
  const StateTimes times = judged_states(board.evidence());
  const std::size_t width = std::clamp<std::size_t>(state.columns / 4, 8, 40);
  Line line = Line().left(state.everything ? "machine" : "targets", 8, kLabel);
  marks.bar(line, times, width);
  const double capacity = static_cast<double>(wall.elapsed_ns) * std::max(1U, board.interval().cpus_online);
  if (capacity > 0)
    line.add(" CPUs ", kLabel)
        .add(format_percent(std::min(1.0, static_cast<double>(board.interval().totals.on_cpu_ns) / capacity)))
        .add(" busy, wall clock:", kLabel);
  for (std::size_t i = 0; i < kStates; ++i) {
    if (times[i] * 1000 <= wall.elapsed_ns) continue;
    const auto which = static_cast<State>(i);
    line.add(fmt::format("  {} ", state_name(which)), state_role(which))
        .add(format_percent(ratio(times[i], wall.elapsed_ns)));
  }
  return line;
}

Line switch_line(const Board& board) {
  const Totals& totals = board.interval().totals;
  Line line = Line().left("switch/s", 9, kLabel);
  const auto add = [&](std::string_view name, std::uint64_t count) {
    line.add(fmt::format("{} ", name), kLabel).add(each_second(board, count) + "  ");
  };
  add("process", totals.switch_process);
  add("thread", totals.switch_thread);
  add("resume", totals.switch_resume);
  add("voluntary", totals.voluntary);
  add("involuntary", totals.involuntary);
  return line;
}

std::string interrupt_rate(const Board& board, const std::optional<std::vector<InterruptSample>>& interrupts) {
  if (!interrupts) return "-";
  std::uint64_t count = 0;
  for (const InterruptSample& interrupt : *interrupts) count += interrupt.count;
  return each_second(board, count);
}

Line interrupt_line(const Board& board) {
  const SystemSample& interval = board.interval();
  Line line = Line().left("irq/s", 9, kLabel);
  line.add("hard ", kLabel).add(interrupt_rate(board, interval.hard));
  line.add("  soft ", kLabel).add(interrupt_rate(board, interval.soft)).add("  block ", kLabel);
  if (!interval.block) return line.add("-");
  const BlockTotals& block = interval.block->totals;
  const std::uint64_t requests = block.requests + interval.block->kernel_requests;
  const double bytes = static_cast<double>(block.bytes + interval.block->kernel_bytes);
  line.add(each_second(board, requests) + " requests/s");
  if (board.interval_s() > 0)
    line.add(fmt::format(" {}/s", format_bytes(static_cast<std::uint64_t>(bytes / board.interval_s()))));
  if (block.requests > 0)
    line.add("  device ", kLabel).add(format_duration(block.device_ns / block.requests) + " each");
  return line;
}

Line own_line(const Board& board) {
  const SystemSample& interval = board.interval();
  Line line = Line().left("ctxray", 9, kLabel);
  line.add("own CPU ", kLabel);
  line.add(board.interval_s() <= 0
               ? "-"
               : format_percent(static_cast<double>(interval.overhead.own_cpu_ns) / (board.interval_s() * 1e9)));
  if (interval.overhead.bpf_ns && board.interval_s() > 0)
    line.add("  probes ", kLabel)
        .add(format_percent(static_cast<double>(*interval.overhead.bpf_ns) / (board.interval_s() * 1e9)));
  line.add("  events/s ", kLabel).add(each_second(board, interval.overhead.events)).add("  ");
  if (interval.overhead.budget && !interval.overhead.budget->shed.empty())
    line.add(budget_sentence(*interval.overhead.budget), Role::kAlert).add("  ");
  if (interval.loss.total() == 0) return line.add("nothing lost");
  return line.add(fmt::format("LOST {}", format_count(static_cast<double>(interval.loss.total()))), Role::kAlert, true);
}

std::string name_of(const Board& board, const Subject& subject) {
  const Entry* entry = board.find(subject);
  if (entry == nullptr) return fmt::format("process {}", subject.pid);
  if (subject.tid == 0) return fmt::format("{} ({})", entry->interval.comm, subject.pid);
  const ThreadSample* thread = find_thread(entry->threads(), subject);
  return fmt::format("{} (thread {})", thread == nullptr ? "" : thread->comm, subject.tid);
}

} // namespace

std::vector<Line> header_lines(const Board& board, const UiState& state) {
  return {machine_line(board, state), wall_line(board, state), own_line(board), switch_line(board),
          interrupt_line(board)};
}

Line way_line(const Board& board, const UiState& state) {
  const Marks marks(state.ascii);
  Line line;
  if (!board.notice.empty()) line.add(board.notice, Role::kAlert, true).add("  ");
  if (state.path.size() > 1) {
    for (const Place& place : state.path) {
      if (&place != state.path.data()) line.add(marks.breadcrumb(), Role::kDim);
      const bool named = place.subject.pid != 0 || place.subject.start_ns != 0;
      const bool last = &place == &state.path.back();
      std::string words(view_title(place.view));
      if (named && place.view == View::kThread)
        words = name_of(board, place.subject);
      else if (named)
        words += " " + name_of(board, place.subject);
      line.add(words, last ? Role::kHead : Role::kText, last);
    }
  } else {
    for (std::size_t i = 0; i < kNumberedViews; ++i) {
      const auto view = static_cast<View>(i);
      const bool shown = view == state.place().view;
      line.add(std::to_string(i + 1), Role::kKey)
          .add(view_title(view), shown ? Role::kHead : Role::kText, shown)
          .add(" ");
    }
  }
  if (!state.filter.empty()) line.add(fmt::format("  filter \"{}\"", state.filter), Role::kMatch);
  return line;
}

Line footer_line(const UiState& state) {
  if (state.prompt == Prompt::kSearch) return Line().add("Search: ", Role::kKey, true).add(state.search + "_");
  if (state.prompt == Prompt::kFilter) return Line().add("Filter: ", Role::kKey, true).add(state.filter + "_");
  if (!state.message.empty()) return Line().add(state.message, Role::kMatch, true);
  struct Hint {
    std::string_view key;
    std::string_view words;
  };
  static constexpr std::array<Hint, 10> kHints = {{{"Enter", "Why"},
                                                   {"q", "Quit"},
                                                   {"F1", "Help"},
                                                   {"Esc", "Back"},
                                                   {"v", "View"},
                                                   {"F3", "Search"},
                                                   {"F4", "Filter"},
                                                   {"F6", "Sort"},
                                                   {"F5", "Tree"},
                                                   {"p", "Hold"}}};
  Line line;
  for (const Hint& hint : kHints) {
    if (line.width() + hint.key.size() + hint.words.size() + 2 > state.columns) break;
    line.add(hint.key, Role::kKey, true).add(hint.words, Role::kBar).add(" ", Role::kBar);
  }
  return line;
}

} // namespace ctxray::tui
