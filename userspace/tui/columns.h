// SPDX-License-Identifier: GPL-2.0-or-later
// The columns of the lists of processes and threads: one table for drawing, sorting, the sort menu and the help.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "userspace/tui/board.h"
#include "userspace/tui/grid.h"
#include "userspace/tui/marks.h"

namespace ctxray::tui {

// One row of a list.
struct Row {
  const Entry* entry = nullptr;
  const ThreadSample* thread = nullptr; // null: the process itself
  std::string branch;                   // drawn before the name, in a tree

  [[nodiscard]] const ProcessSample& process() const { return entry->interval; }
};
Subject subject_of(const Row& row);

Role verdict_role(VerdictClass verdict_class);

// What columns are drawn from.
struct RowFacts {
  const Board& board;
  const Marks& marks;
  const Row& row;
  double seconds; // that its figures are of

  [[nodiscard]] double part(std::uint64_t ns) const;    // of that time
  [[nodiscard]] double rate(std::uint64_t count) const; // a second
  [[nodiscard]] const Totals& totals() const;
  [[nodiscard]] StateTimes states() const;     // as judged
  [[nodiscard]] Classified classified() const; // steady where it is known
  [[nodiscard]] std::string name() const;
};

struct Column {
  std::string_view id;
  std::string_view title;
  std::size_t width; // 0: all that is left
  int rank;          // the higher, the sooner it gives way on a narrow screen
  bool text;         // left-aligned, and sorted by its words
  std::string_view help;
  double (*number)(const RowFacts&);     // to sort by; null for text
  std::string (*words)(const RowFacts&); // what is shown; null where draw is set
  void (*draw)(const RowFacts&, Line&, std::size_t width);
};

const std::vector<Column>& columns();
// Null: there is none.
const Column* find_column(std::string_view id);
// The ids that are shown where the user has not chosen.
const std::vector<std::string>& default_columns();

// Those of the chosen columns that fit into so many terminal columns, with their widths.
struct PlacedColumn {
  const Column* column;
  std::size_t width;
};
std::vector<PlacedColumn> fit_columns(const std::vector<std::string>& ids, std::size_t width);

// Adds the gap before it, where it is not the first, and the column's title or its words. `style`: of plain words.
void add_title(Line& line, const PlacedColumn& placed, std::string_view title, Style style);
void add_cell(Line& line, const PlacedColumn& placed, const RowFacts& facts, Style style);
void add_cell(Line& line, const PlacedColumn& placed, std::string_view words, Style style);

} // namespace ctxray::tui
