// SPDX-License-Identifier: GPL-2.0-or-later
// The table of columns, and which of them fit.
#include "userspace/tui/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "userspace/describe.h"
#include "userspace/format.h"
#include "userspace/places.h"
#include "userspace/text.h"

namespace ctxray::tui {

namespace {

constexpr std::size_t kHistoryCell = 10; // intervals for each cell of the history
constexpr std::size_t kGap = 1;          // between columns

std::string percent(double share) { return fmt::format("{:.1f}", share * 100); }

Style faint_if(bool faint) { return Style{faint ? Role::kDim : Role::kText, false, false}; }

// The two largest parts of a mixture.
std::string parts_of(const StateTimes& times) {
  const auto of = [&times](State state) { return times[static_cast<std::size_t>(state)]; };
  std::array<std::pair<std::uint64_t, std::string_view>, 5> parts = {{{of(State::kIo) + of(State::kEvent), "io"},
                                                                      {of(State::kCpu), "cpu"},
                                                                      {of(State::kStarved), "starved"},
                                                                      {of(State::kLock), "lock"},
                                                                      {of(State::kIdle), "idle"}}};
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return fmt::format("{}+{}", parts[0].second, parts[1].second);
}

std::string verdict_words(const RowFacts& facts, VerdictClass verdict_class) {
  if (verdict_class != VerdictClass::kMixed) return std::string(verdict_name(verdict_class));
  return parts_of(facts.row.thread != nullptr ? facts.states() : facts.row.entry->trace.recent_states());
}

void draw_verdict(const RowFacts& facts, Line& line, std::size_t width) {
  Classified classified = facts.classified();
  const bool changed = facts.row.thread == nullptr && facts.row.entry->trace.changed_ago().has_value();
  // The last interval spoke for another one.
  const bool doubted = facts.row.thread == nullptr && facts.row.entry->trace.doubted();
  if (doubted) classified.verdict_class = facts.row.entry->trace.likely();
  const std::size_t end = line.width() + width;
  line.add(verdict_words(facts, classified.verdict_class), verdict_role(classified.verdict_class),
           classified.verdict_class != VerdictClass::kIdle);
  line.add(doubted ? "?" : fmt::format(" {:.0f}%", classified.confidence * 100), Role::kDim);
  if (changed) line.add(facts.marks.changed(), Role::kAlert);
  line.to(end);
}

void draw_states(const RowFacts& facts, Line& line, std::size_t width) { facts.marks.bar(line, facts.states(), width); }

void draw_history(const RowFacts& facts, Line& line, std::size_t width) {
  const std::size_t end = line.width() + width;
  if (facts.row.thread != nullptr) {
    line.to(end);
    return;
  }
  const std::vector<StateTimes> cells = sums_of(facts.row.entry->trace, width, kHistoryCell);
  line.to(end - cells.size());
  for (const StateTimes& times : cells) {
    std::uint64_t whole = 1, busy = 0;
    std::size_t most = 0;
    for (std::size_t i = 0; i < kStates; ++i) {
      whole += times[i];
      if (static_cast<State>(i) == State::kIdle) continue;
      busy += times[i];
      if (times[i] > times[most]) most = i;
    }
    const std::size_t eighths = busy == 0 ? 0 : std::max<std::size_t>(1, 8 * busy / whole);
    line.add(facts.marks.level(eighths), state_role(static_cast<State>(most)));
  }
}

void draw_name(const RowFacts& facts, Line& line, std::size_t width) {
  const std::size_t end = line.width() + width;
  line.add(facts.row.branch, Role::kDim);
  if (line.width() < end) line.add(shorten(facts.name(), end - line.width()), faint_if(facts.row.process().ended));
  line.to(end);
}

std::string wait_words(const RowFacts& facts) {
  if (facts.row.thread == nullptr && facts.row.process().ended) return "(ended)";
  if (facts.row.thread == nullptr)
    if (const SiteSample* site = main_place(facts.row.process()))
      return std::string(reason_name(site->reason)) + (site->syscall ? " " + describe_place(*site) : "");
  Reason reason = Reason::kOther;
  return main_wait(facts.totals(), reason) == nullptr ? "" : std::string(reason_name(reason));
}

std::string command_words(const RowFacts& facts) {
  const ProcessSample& process = facts.row.process();
  if (facts.row.thread != nullptr) return "";
  return process.command.empty() ? "[" + process.comm + "]" : process.command;
}

std::uint64_t live_threads(const ProcessSample& process) {
  return static_cast<std::uint64_t>(
      std::count_if(process.threads.begin(), process.threads.end(),
                    [](const ThreadSample& thread) { return thread.state != ThreadState::kEnded; }));
}

double share_of(const RowFacts& facts, std::initializer_list<State> wanted) {
  const StateTimes states = facts.states();
  std::uint64_t part = 0, whole = 0;
  for (const std::uint64_t ns : states) whole += ns;
  for (const State state : wanted) part += states.at(static_cast<std::size_t>(state));
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The part of the interval that it lived for: shares are of the whole interval.
double lived(const RowFacts& f) {
  return f.row.thread != nullptr ? 1 : std::min(1.0, f.part(f.row.process().wall.elapsed_ns));
}

double io_share(const RowFacts& f) { return share_of(f, {State::kIo, State::kEvent}) * lived(f); }
double lock_share(const RowFacts& f) { return share_of(f, {State::kLock}) * lived(f); }
double busy_share(const RowFacts& f) { return (1 - share_of(f, {State::kIdle})) * lived(f); }

// Who was busy a moment ago does not vanish among those that never are.
double busy_rank(const RowFacts& f) {
  const bool lives = f.row.thread == nullptr && !f.row.process().ended;
  return lives ? std::max(busy_share(f), f.row.entry->trace.recent_busy()) : busy_share(f);
}

// While others had the CPUs: until an idle one was ready belongs to the wait before.
std::uint64_t starved_ns(const Totals& totals) {
  return totals.run_queue_ns - std::min(totals.run_queue_ns, totals.wakeup_latency_ns);
}

// clang-format off
const std::vector<Column> kColumns = {
    {"pid", "PID", 7, 0, false, "process, or thread, number",
     [](const RowFacts& f) { return static_cast<double>(f.row.thread != nullptr ? f.row.thread->tid : f.row.process().pid); },
     [](const RowFacts& f) { return std::to_string(f.row.thread != nullptr ? f.row.thread->tid : f.row.process().pid); }, nullptr},
    {"user", "USER", 9, 8, true, "whose process it is", nullptr,
     [](const RowFacts& f) { return f.row.process().user; }, nullptr},
    {"name", "NAME", 15, 0, true, "name of the process; of a thread, where it differs, its own", nullptr,
     [](const RowFacts& f) { return f.name(); }, draw_name},
    {"verdict", "VERDICT  SURE", 15, 0, true, "what bounds it (cpu+io: both); sure; dot: new, ?: doubt", nullptr,
     [](const RowFacts& f) { return std::string(verdict_name(f.classified().verdict_class)); }, draw_verdict},
    {"states", "STATES", 16, 1, false, "its wall clock in the last interval, state by state (sorted by busy time)",
     busy_rank, nullptr, draw_states},
    {"cpu", "CPU%", 5, 2, false, "time on a CPU, all threads, in % of one CPU",
     [](const RowFacts& f) { return f.part(f.totals().on_cpu_ns); },
     [](const RowFacts& f) { return percent(f.part(f.totals().on_cpu_ns)); }, nullptr},
    {"io", "IO%", 5, 4, false, "wall-clock time in which it waited for I/O",
     io_share, [](const RowFacts& f) { return percent(io_share(f)); }, nullptr},
    {"rq", "RUNQ%", 5, 5, false, "time ready to run while others had the CPUs, all threads",
     [](const RowFacts& f) { return f.part(starved_ns(f.totals())); },
     [](const RowFacts& f) { return percent(f.part(starved_ns(f.totals()))); }, nullptr},
    {"lock", "LOCK%", 5, 12, false, "wall-clock time in which all that could go on waited for locks",
     lock_share, [](const RowFacts& f) { return percent(lock_share(f)); }, nullptr},
    {"vol", "VOL/s", 6, 9, false, "switches out because a thread blocked",
     [](const RowFacts& f) { return f.rate(f.totals().voluntary); },
     [](const RowFacts& f) { return format_count(f.rate(f.totals().voluntary)); }, nullptr},
    {"invol", "INVOL/s", 7, 10, false, "switches out of a thread that could have gone on",
     [](const RowFacts& f) { return f.rate(f.totals().involuntary); },
     [](const RowFacts& f) { return format_count(f.rate(f.totals().involuntary)); }, nullptr},
    {"irq", "IRQ/s", 6, 13, false, "interrupts that took the CPU from it",
     [](const RowFacts& f) { return f.rate(f.totals().hard_count + f.totals().soft_count); },
     [](const RowFacts& f) { return !f.board.interval().hard ? "-" : format_count(f.rate(f.totals().hard_count + f.totals().soft_count)); }, nullptr},
    {"threads", "THR", 4, 7, false, "threads that live",
     [](const RowFacts& f) { return static_cast<double>(live_threads(f.row.process())); },
     [](const RowFacts& f) { return f.row.thread != nullptr || f.row.process().ended ? "" : std::to_string(live_threads(f.row.process())); }, nullptr},
    {"model", "I/O MODEL", 13, 6, true, "how it goes about its I/O", nullptr,
     [](const RowFacts& f) { return name_io_model(f.totals(), f.board.calls_known()).name; }, nullptr},
    {"history", "HISTORY", 12, 8, false, "the last minutes: how busy, in the colour of the main state (sorted by busy time)",
     busy_rank, nullptr, draw_history},
    {"waits", "WAITS FOR", 0, 3, true, "the reason and place with most of its waiting", nullptr, wait_words, nullptr},
    {"command", "COMMAND", 30, 11, true, "command line", nullptr, command_words, nullptr},
    {"busy", "BUSY%", 5, 14, false, "wall-clock time in which it was not idle",
     busy_rank, [](const RowFacts& f) { return percent(std::max(0.0, busy_share(f))); }, nullptr},
};
// clang-format on

} // namespace

Subject subject_of(const Row& row) {
  return row.thread != nullptr ? subject_of(row.process(), *row.thread) : subject_of(row.process());
}

Role verdict_role(VerdictClass verdict_class) {
  static constexpr std::array<Role, 7> kVerdictRoles = {Role::kCpu,  Role::kIo,    Role::kLock, Role::kStarved,
                                                        Role::kIdle, Role::kMixed, Role::kDim};
  return kVerdictRoles[static_cast<std::size_t>(verdict_class)];
}

double RowFacts::part(std::uint64_t ns) const { return seconds <= 0 ? 0 : static_cast<double>(ns) / (seconds * 1e9); }

double RowFacts::rate(std::uint64_t count) const { return seconds <= 0 ? 0 : static_cast<double>(count) / seconds; }

const Totals& RowFacts::totals() const { return row.thread != nullptr ? row.thread->totals : row.process().totals; }

StateTimes RowFacts::states() const {
  return row.thread != nullptr ? judged_states(evidence_of(*row.thread)) : row.entry->states;
}

Classified RowFacts::classified() const {
  if (row.thread != nullptr) return classify(evidence_of(*row.thread));
  return {row.entry->trace.verdict(), row.entry->trace.confidence()};
}

std::string RowFacts::name() const {
  if (row.thread != nullptr) return row.thread->comm;
  const ProcessSample& process = row.process();
  for (const ThreadSample& thread : process.threads)
    if (thread.tid == process.pid && thread.comm != process.comm) return process.comm + "/" + thread.comm;
  return process.comm;
}

const std::vector<Column>& columns() { return kColumns; }

const Column* find_column(std::string_view id) {
  const auto found =
      std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& column) { return column.id == id; });
  return found == kColumns.end() ? nullptr : &*found;
}

const std::vector<std::string>& default_columns() {
  static const std::vector<std::string> kDefault = {"pid", "user", "name",  "verdict", "states", "cpu",     "io",
                                                    "rq",  "vol",  "invol", "threads", "model",  "history", "waits"};
  return kDefault;
}

std::vector<PlacedColumn> fit_columns(const std::vector<std::string>& ids, std::size_t width) {
  constexpr std::size_t kLeastRest = 16; // of a column that takes what is left
  std::vector<PlacedColumn> placed;
  for (const std::string& id : ids)
    if (const Column* column = find_column(id))
      placed.push_back({column, column->width == 0 ? kLeastRest : column->width});
  const auto needed = [&] {
    std::size_t sum = 0;
    for (const PlacedColumn& each : placed) sum += each.width + kGap;
    return sum == 0 ? 0 : sum - kGap;
  };
  while (placed.size() > 1 && needed() > width)
    placed.erase(std::max_element(placed.begin(), placed.end(), [](const PlacedColumn& a, const PlacedColumn& b) {
      return a.column->rank < b.column->rank;
    }));
  const std::size_t used = needed();
  const auto rest =
      std::find_if(placed.begin(), placed.end(), [](const auto& each) { return each.column->width == 0; });
  if (used < width && rest != placed.end()) rest->width += width - used;
  return placed;
}

void add_title(Line& line, const PlacedColumn& placed, std::string_view title, Style style) {
  const bool left = placed.column->text || placed.column->draw != nullptr;
  if (line.width() > 0) line.to(line.width() + kGap);
  left ? line.left(title, placed.width, style) : line.right(title, placed.width, style);
}

void add_cell(Line& line, const PlacedColumn& placed, std::string_view words, Style style) {
  if (line.width() > 0) line.to(line.width() + kGap);
  placed.column->text ? line.left(words, placed.width, style) : line.right(words, placed.width, style);
}

void add_cell(Line& line, const PlacedColumn& placed, const RowFacts& facts, Style style) {
  constexpr std::string_view kKnownAtOnce[] = {"pid", "user", "name", "command"};
  if (facts.seconds <= 0 &&
      std::find(std::begin(kKnownAtOnce), std::end(kKnownAtOnce), placed.column->id) == std::end(kKnownAtOnce))
    return add_cell(line, placed, "-", Style{Role::kDim});
  if (placed.column->draw == nullptr) return add_cell(line, placed, placed.column->words(facts), style);
  if (line.width() > 0) line.to(line.width() + kGap);
  placed.column->draw(facts, line, placed.width);
}

} // namespace ctxray::tui
