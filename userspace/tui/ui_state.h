// SPDX-License-Identifier: GPL-2.0-or-later
// What the user has chosen to see: changed by keys alone, drawn by the views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "userspace/tui/board.h"

namespace ctxray::tui {

// The first nine are what the keys 1 to 9 stand for.
enum class View : std::uint8_t {
  kProcesses,
  kThreads,
  kWhy,
  kTimeline,
  kPlaces,
  kInterrupts,
  kSystem,
  kCalls,
  kHelp,
  kThread,
  kSortMenu,
};
inline constexpr std::size_t kNumberedViews = 9;
std::string_view view_title(View view);

// One step of the way to what is shown.
struct Place {
  View view = View::kProcesses;
  Subject subject; // of views on one process or thread
  std::size_t cursor = 0;
  std::size_t top = 0;                   // first row shown
  std::optional<Subject> cursor_subject; // what the cursor is on
  bool follows = false;                  // the cursor stays on it wherever it moves; else on its row
};

enum class Prompt : std::uint8_t { kNone, kSearch, kFilter };

struct UiState {
  std::size_t rows = 24;
  std::size_t columns = 80;
  bool ascii = false;
  bool everything = true;              // the whole machine is watched, not some targets
  std::vector<Place> path = {Place{}}; // never empty; the last is shown
  std::vector<std::string> column_ids; // of the process list, in their order
  std::string sort = "busy";
  bool ascending = false;
  std::string filter;
  std::string search;
  Prompt prompt = Prompt::kNone;
  bool tree = false;
  bool threads = false;        // below their processes
  bool kernel_threads = false; // also those that do next to nothing
  bool whole_time = false;     // views on one process: since the beginning, not the last interval
  bool paused = false;
  std::set<Subject> tagged;
  double interval_s = 1;
  std::size_t zoom = 1; // intervals for each column of the timeline
  std::string message;  // until the next key

  [[nodiscard]] const Place& place() const { return path.back(); }
  [[nodiscard]] Place& place() { return path.back(); }
};

} // namespace ctxray::tui
