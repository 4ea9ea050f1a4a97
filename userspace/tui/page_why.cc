// SPDX-License-Identifier: GPL-2.0-or-later
// The drill-down: a process, and a thread of it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "userspace/format.h"
#include "userspace/model.h"
#include "userspace/tui/columns.h"
#include "userspace/tui/pages.h"
#include "userspace/tui/sections.h"
#include "userspace/wait_policy.h"

namespace ctxray::tui {

namespace {

constexpr std::size_t kMostPlaces = 12;

const std::vector<std::string> kThreadColumns = {"pid", "name", "verdict", "states", "cpu", "rq", "vol", "waits"};

Page gone(std::string_view what) {
  Page page;
  page.nothing = fmt::format("{} has ended, and its figures are no longer kept; Esc leads back", what);
  return page;
}

std::string window_words(const UiState& state, std::uint64_t elapsed_ns) {
  return fmt::format("{} {}", state.whole_time ? "since the beginning:" : "the last", format_duration(elapsed_ns));
}

std::string state_words(const ThreadSample& thread) {
  switch (thread.state) {
    case ThreadState::kOnCpu:
      return "on a CPU";
    case ThreadState::kRunQueue:
      return "ready to run";
    case ThreadState::kEnded:
      return "ended";
    case ThreadState::kBlocked:
      break;
  }
  std::string words = "blocked: " + std::string(reason_name(thread.reason.value_or(Reason::kOther)));
  if (thread.syscall) words += " in " + call_name(*thread.syscall);
  return words;
}

void add_threads(const Section& section, const Board& board, const Entry& entry, const ProcessSample& process,
                 const UiState& state) {
  const std::vector<PlacedColumn> placed = fit_columns(kThreadColumns, section.width);
  Line titles;
  for (const PlacedColumn& each : placed)
    add_title(titles, each, each.column->id == "pid" ? "TID" : each.column->title, Style{Role::kHead});
  section.rows.add(Line());
  section.rows.add(std::move(titles));
  std::vector<const ThreadSample*> order;
  for (const ThreadSample& thread : process.threads) order.push_back(&thread);
  std::stable_sort(order.begin(), order.end(), [](const ThreadSample* a, const ThreadSample* b) {
    return a->totals.on_cpu_ns + a->totals.run_queue_ns > b->totals.on_cpu_ns + b->totals.run_queue_ns;
  });
  const Marks marks(state.ascii);
  for (const ThreadSample* thread : order) {
    const Row row{&entry, thread, ""};
    const RowFacts facts{board, marks, row, static_cast<double>(process.wall.elapsed_ns) * 1e-9};
    Line line;
    const Style style{thread->state == ThreadState::kEnded ? Role::kDim : Role::kText};
    for (const PlacedColumn& each : placed) {
      if (each.column->id == "waits")
        add_cell(line, each, state_words(*thread), style);
      else
        add_cell(line, each, facts, style);
    }
    section.rows.add(std::move(line), subject_of(process, *thread));
  }
}

std::string thread_name(const Board& board, std::uint32_t pid, std::uint32_t tid) {
  for (const Entry* entry : board.present())
    if (entry->interval.pid == pid)
      for (const ThreadSample& thread : entry->threads())
        if (thread.tid == tid) return fmt::format("{} ({} of {})", thread.comm, tid, entry->interval.comm);
  return fmt::format("thread {} of process {}", tid, pid);
}

std::string waker_words(const Board& board, const LastWaker& waker) {
  switch (waker.kind) {
    case Waker::kTask:
      return waker.pid == 0 ? "a task of another pid namespace" : thread_name(board, waker.pid, waker.tid);
    case Waker::kSoftInterrupt:
      return "a soft interrupt";
    case Waker::kInterrupt:
      return "an interrupt";
    case Waker::kTimer:
      return "a timer";
    case Waker::kUnknown:
      break;
  }
  return "not known";
}

// Who ended its last wait, and whose last wait it ended.
void add_wakers(const Section& section, const Board& board, const ProcessSample& process, const ThreadSample& thread) {
  constexpr std::size_t kMost = 8;
  add_text(section, "woken by", waker_words(board, thread.waker));
  std::string woken;
  std::size_t count = 0;
  for (const Entry* other : board.present())
    other->whole.each_thread([&](const ThreadFacts& candidate) {
      const LastWaker& waker = candidate.waker;
      if (waker.kind != Waker::kTask || waker.pid != process.pid || waker.tid != thread.tid) return;
      if (++count <= kMost)
        woken += fmt::format("{}{} ({} of {})", woken.empty() ? "" : ", ", candidate.comm, candidate.tid,
                             other->interval.comm);
    });
  if (count > kMost) woken += fmt::format(" and {} more", count - kMost);
  add_text(section, "wakes", woken.empty() ? "nobody, as far as last waits go" : woken);
}

void add_change(const Section& section, const Board& board, const Trace& trace) {
  if (trace.changed_ago() && !trace.doubted())
    add_text(section, "",
             fmt::format("the verdict changed {} ago",
                         format_duration(static_cast<std::uint64_t>(static_cast<double>(*trace.changed_ago() + 1) *
                                                                    board.interval_s() * 1e9))),
             Style{Role::kAlert});
}

// What is not ctxray's to tell.
void add_code(const Section& section, const Judgement& judgement, const ProcessSample& process) {
  const VerdictClass verdict = judgement.verdict.verdict_class;
  if (verdict != VerdictClass::kCpuBound && verdict != VerdictClass::kStarved) return;
  if (process.ended || process.pid == 0) return;
  add_text(section, "", fmt::format("which of its functions, `perf top -p {}` tells", process.pid), Style{Role::kDim});
}

// Of the interval, or of the whole time where that is asked for, or where all else is past.
std::optional<ProcessSample> shown_process(const Board& board, const UiState& state) {
  const Entry* entry = board.find(state.place().subject);
  if (entry == nullptr) return std::nullopt;
  const bool past = std::find(board.present().begin(), board.present().end(), entry) == board.present().end();
  return state.whole_time || past ? board.whole(state.place().subject) : entry->interval_with_threads();
}

} // namespace

Page why_page(const Board& board, const UiState& state) {
  const Subject& subject = state.place().subject;
  const Entry* entry = board.find(subject);
  const std::optional<ProcessSample> process = shown_process(board, state);
  if (!process) return gone(fmt::format("process {}", subject.pid));
  const Judgement judgement = judge_process(*process, board.interval().cpus_online, board.calls_known());
  const Marks marks(state.ascii);
  Rows rows;
  const Section section{rows, marks, state.columns};
  add_verdict(section, judgement);
  add_change(section, board, entry->trace);
  add_text(section, "shown",
           window_words(state, process->wall.elapsed_ns) + (process->ended ? ", it has ended" : "") +
               (state.whole_time ? "; w: the last interval" : "; w: since the beginning"),
           Style{Role::kDim});
  add_code(section, judgement, *process);
  add_wall(section, evidence_of(*process, board.interval().cpus_online));
  add_advice(section, judgement);
  add_bounds(section, judgement.bounds);
  add_waits(section, process->totals, process->histograms);
  add_places(section, process->sites, kMostPlaces);
  add_io_model(section, judgement);
  add_block_path(section, process->block);
  add_thread_time(section, process->totals);
  add_switches(section, process->totals, process->wall.elapsed_ns);
  add_coroutines(section, *process);
  add_parallelism(section, judgement, process->wall);
  if (board.interval().hard) add_interrupts(section, process->totals);
  if (!process->command.empty()) add_text(section, "command", process->command);
  add_threads(section, board, *entry, *process, state);
  return page_of(std::move(rows));
}

Page thread_page(const Board& board, const UiState& state) {
  const Subject& subject = state.place().subject;
  const std::optional<ProcessSample> process = shown_process(board, state);
  const ThreadSample* thread = process ? find_thread(process->threads, subject) : nullptr;
  if (thread == nullptr) return gone(fmt::format("thread {}", subject.tid));
  const Judgement judgement = judge_thread(*thread, board.calls_known());
  const Marks marks(state.ascii);
  Rows rows;
  const Section section{rows, marks, state.columns};
  const Wall wall = wall_of_thread(thread->totals);
  add_verdict(section, judgement);
  add_text(section, "now", state_words(*thread));
  add_text(section, "shown", window_words(state, wall.elapsed_ns), Style{Role::kDim});
  add_wall(section, evidence_of(*thread));
  add_waits(section, thread->totals, thread->histograms);
  add_io_model(section, judgement);
  add_thread_time(section, thread->totals);
  add_switches(section, thread->totals, wall.elapsed_ns);
  if (board.interval().hard) add_interrupts(section, thread->totals);
  add_wakers(section, board, *process, *thread);
  return page_of(std::move(rows));
}

} // namespace ctxray::tui
