// SPDX-License-Identifier: GPL-2.0-or-later
// The live view: takes samples and keys, draws frames.
#pragma once

#include <functional>
#include <string>

#include "userspace/tui/board.h"
#include "userspace/tui/screen.h"
#include "userspace/tui/view.h"

namespace ctxray::tui {

class FrontEnd {
 public:
  // What reaches beyond the screen.
  struct Hooks {
    std::function<void(double seconds)> set_interval;
    std::function<std::string()> save; // a report; returns what to tell the user
  };

  FrontEnd(UiState state, Theme theme, Hooks hooks);

  void take(const SamplePtr& current, const SamplePtr& previous);
  // All that the terminal has to say; false: the user leaves.
  bool on_input();
  // The last sample of the watch, and what to say of its end.
  void conclude(const SamplePtr& last, const std::string& notice);

 private:
  [[nodiscard]] const Board& shown() const { return state_.paused ? held_ : board_; }
  void redraw();

  UiState state_;
  Hooks hooks_;
  Board board_;
  Board held_; // while the screen is held still
  Frame frame_;
  Screen screen_;
};

} // namespace ctxray::tui
