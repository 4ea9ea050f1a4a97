// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of the pages that tell why: each adds its rows.
#pragma once

#include "userspace/model.h"
#include "userspace/tui/marks.h"
#include "userspace/tui/page.h"

namespace ctxray::tui {

// What all parts need.
struct Section {
  Rows& rows;
  const Marks& marks;
  std::size_t width;
};

// The count for each second of the interval; "-" where no time has passed.
std::string each_second(const Board& board, std::uint64_t count);

// A heading in the left margin begins each part.
inline constexpr std::size_t kMargin = 12;
Line headed(std::string_view heading);
void add_text(const Section& section, std::string_view heading, std::string_view text, Style style = {});

void add_verdict(const Section& section, const Judgement& judgement);
void add_advice(const Section& section, const Judgement& judgement);
void add_wall(const Section& section, const Evidence& evidence);
void add_thread_time(const Section& section, const Totals& totals);
void add_coroutines(const Section& section, const ProcessSample& process);
void add_switches(const Section& section, const Totals& totals, std::uint64_t elapsed_ns);
void add_parallelism(const Section& section, const Judgement& judgement, const Wall& wall);
void add_waits(const Section& section, const Totals& totals, const Histograms& histograms);
void add_places(const Section& section, const std::vector<SiteSample>& sites, std::size_t most);
void add_io_model(const Section& section, const Judgement& judgement);
void add_block_path(const Section& section, const BlockTotals& totals);
void add_interrupts(const Section& section, const Totals& totals);
void add_bounds(const Section& section, const Bounds& bounds);

} // namespace ctxray::tui
