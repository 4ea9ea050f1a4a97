// SPDX-License-Identifier: GPL-2.0-or-later
// Filters, sorts and nests the rows, and lays them out in columns.
#include "userspace/tui/page_list.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "userspace/text.h"

namespace ctxray::tui {

namespace {

bool contains(const std::string& text, const std::string& lower) {
  return lower_case(text).find(lower) != std::string::npos;
}

bool passes(const Entry& entry, const std::string& lower) {
  const ProcessSample& process = entry.interval;
  if (lower.empty() || contains(process.comm, lower) || contains(process.command, lower) ||
      contains(process.user, lower) || std::to_string(process.pid) == lower)
    return true;
  return verdict_name(entry.trace.verdict()).find(lower) != std::string::npos;
}

constexpr double kBusyKernelThread = 0.1; // of an interval, lately

bool is_wanted(const UiState& state, const Entry& entry) {
  return state.kernel_threads || !state.everything || !entry.interval.kernel_thread ||
         entry.trace.recent_busy() >= kBusyKernelThread;
}

// Figures begin with the highest, words and process numbers with the first; unless the user wants it otherwise.
bool is_rising(const Column& column, const UiState& state) {
  return (column.text || column.id == "pid") != state.ascending;
}

// Sorts by the chosen column; equal rows by number, so that they stay where they are.
void sort_rows(const Board& board, const UiState& state, std::vector<Row>& rows) {
  const Column* column = find_column(state.sort);
  if (column == nullptr) column = find_column("busy");
  struct Keyed {
    double number = 0;
    std::string text;
    bool tagged = false;
    std::uint32_t id = 0;
    std::size_t row = 0;
  };
  const Marks marks(true);
  std::vector<Keyed> keys;
  keys.reserve(rows.size());
  for (const Row& row : rows) {
    const RowFacts facts{board, marks, row, board.interval_s()};
    Keyed key;
    if (column->number != nullptr)
      key.number = column->number(facts);
    else
      key.text = lower_case(column->words(facts));
    key.tagged = !state.tagged.empty() && state.tagged.count(subject_of(row)) > 0;
    key.id = row.thread != nullptr ? row.thread->tid : row.process().pid;
    key.row = keys.size();
    keys.push_back(std::move(key));
  }
  const bool rising = is_rising(*column, state);
  std::sort(keys.begin(), keys.end(), [rising](const Keyed& a, const Keyed& b) {
    if (a.tagged != b.tagged) return a.tagged;
    if (a.number != b.number) return rising ? a.number < b.number : a.number > b.number;
    if (a.text != b.text) return rising ? a.text < b.text : a.text > b.text;
    return a.id < b.id;
  });
  std::vector<Row> sorted;
  sorted.reserve(rows.size());
  for (const Keyed& key : keys) sorted.push_back(std::move(rows[key.row]));
  rows = std::move(sorted);
}

// Children below their parents, each generation in the order that it has.
class Tree {
 public:
  Tree(std::vector<Row> rows, const Marks& marks) : rows_(std::move(rows)), marks_(marks) {
    std::map<std::uint32_t, std::size_t> by_pid;
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (!rows_[i].process().ended) by_pid.emplace(rows_[i].process().pid, i);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto parent = by_pid.find(rows_[i].process().ppid);
      const bool root = parent == by_pid.end() || parent->second == i;
      (root ? roots_ : children_[parent->second]).push_back(i);
    }
  }

  std::vector<Row> nested() {
    shown_.resize(rows_.size());
    for (const std::size_t root : roots_) add(root, "", "");
    // Parents that are each other's children, as a reused number makes them, are reached from no root.
    for (std::size_t i = 0; i < rows_.size(); ++i) add(i, "", "");
    return std::move(nested_);
  }

 private:
  void add(std::size_t index, const std::string& trunk, const std::string& branch) {
    if (shown_[index]) return;
    shown_[index] = true;
    Row row = rows_[index];
    row.branch = branch;
    nested_.push_back(std::move(row));
    const std::vector<std::size_t>& below = children_[index];
    for (std::size_t i = 0; i < below.size(); ++i) {
      const bool last = i + 1 == below.size();
      add(below[i], trunk + std::string(marks_.tree_trunk(last)), trunk + std::string(marks_.tree_branch(last)));
    }
  }

  std::vector<Row> rows_;
  const Marks& marks_;
  std::vector<std::size_t> roots_;
  std::map<std::size_t, std::vector<std::size_t>> children_;
  std::vector<bool> shown_;
  std::vector<Row> nested_;
};

std::vector<Row> threads_of(const Entry& entry) {
  std::vector<Row> rows;
  for (const ThreadSample& thread : entry.threads())
    if (thread.state != ThreadState::kEnded || thread.totals.lifetime_ns > 0) rows.push_back({&entry, &thread, ""});
  return rows;
}

void put_threads_below(const Board& board, const UiState& state, std::vector<Row>& rows) {
  const Marks marks(state.ascii);
  std::vector<Row> with_threads;
  for (Row& row : rows) {
    std::vector<Row> threads = threads_of(*row.entry);
    const std::string indent(row.branch.empty() ? 0 : display_width(row.branch), ' ');
    with_threads.push_back(std::move(row));
    if (threads.size() < 2) continue;
    if (!threads[0].entry->quiet) sort_rows(board, state, threads); // asleep, they are all alike
    for (std::size_t i = 0; i < threads.size(); ++i) {
      threads[i].branch = indent + std::string(marks.tree_branch(i + 1 == threads.size()));
      with_threads.push_back(std::move(threads[i]));
    }
  }
  rows = std::move(with_threads);
}

struct ListPage {
  const Board& board;
  Marks marks;
  std::vector<Row> rows;
  std::vector<PlacedColumn> columns;
  std::set<Subject> tagged;

  [[nodiscard]] Line line(std::size_t index) const {
    const Row& row = rows[index];
    const RowFacts facts{board, marks, row, board.interval_s()};
    const bool is_tagged = !tagged.empty() && tagged.count(subject_of(row)) > 0;
    Line line;
    Style style;
    if (row.process().ended) style.role = Role::kDim;
    if (is_tagged) style.role = Role::kTagged;
    for (const PlacedColumn& placed : columns) add_cell(line, placed, facts, style);
    return line;
  }
};

// Where the column that the list is sorted by is not shown, one that is sorted alike bears its mark.
std::string_view sorted_column(std::string_view sort, const std::vector<PlacedColumn>& placed) {
  const auto shows = [&placed](std::string_view id) {
    return std::any_of(placed.begin(), placed.end(), [id](const PlacedColumn& each) { return each.column->id == id; });
  };
  return sort == "busy" && !shows(sort) ? "states" : sort;
}

Line title_line(const UiState& state, const std::vector<PlacedColumn>& placed, std::vector<Heading>& headings) {
  const Marks marks(state.ascii);
  Line line;
  for (const PlacedColumn& each : placed) {
    const std::size_t begin = line.width();
    std::string title(each.column->id == "pid" && state.place().view == View::kThreads ? "TID" : each.column->title);
    const bool sorted = each.column->id == sorted_column(state.sort, placed);
    if (sorted)
      title = shorten(title, each.width - 1) + std::string(is_rising(*each.column, state) ? marks.up() : marks.down());
    add_title(line, each, title, Style{Role::kHead, sorted, false});
    headings.push_back({begin, line.width(), std::string(each.column->id)});
  }
  return line;
}

} // namespace

const std::vector<std::string>& chosen_columns(const UiState& state) {
  return state.column_ids.empty() ? default_columns() : state.column_ids;
}

std::vector<Row> process_rows(const Board& board, const UiState& state) {
  const std::string lower = lower_case(state.filter);
  std::vector<Row> rows;
  for (const Entry* entry : board.present())
    if (is_wanted(state, *entry) && passes(*entry, lower)) rows.push_back({entry, nullptr, ""});
  sort_rows(board, state, rows);
  const Marks marks(state.ascii);
  if (state.tree) rows = Tree(std::move(rows), marks).nested();
  if (state.threads) put_threads_below(board, state, rows);
  return rows;
}

std::vector<Row> thread_rows(const Board& board, const UiState& state) {
  const std::string lower = lower_case(state.filter);
  std::vector<Row> rows;
  for (const Entry* entry : board.present()) {
    if (!is_wanted(state, *entry)) continue;
    const bool all = passes(*entry, lower);
    for (Row& row : threads_of(*entry))
      if (all || contains(row.thread->comm, lower)) rows.push_back(std::move(row));
  }
  sort_rows(board, state, rows);
  return rows;
}

Page list_page(const Board& board, const UiState& state, std::vector<Row> rows) {
  Page page;
  auto list = std::make_shared<ListPage>(ListPage{board, Marks(state.ascii), std::move(rows),
                                                  fit_columns(chosen_columns(state), state.columns), state.tagged});
  page.titles.push_back(title_line(state, list->columns, page.headings));
  page.count = list->rows.size();
  page.line = [list](std::size_t row) { return list->line(row); };
  page.subject = [list](std::size_t row) { return std::optional<Subject>(subject_of(list->rows[row])); };
  page.nothing = board.present().empty() ? "nothing to show yet"
                 : state.filter.empty()  ? "no processes"
                                         : "nothing matches the filter \"" + state.filter + "\"";
  return page;
}

} // namespace ctxray::tui
