// SPDX-License-Identifier: GPL-2.0-or-later
// The live view: takes samples and keys, draws frames.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "userspace/tui/board.h"
#include "userspace/tui/screen.h"
#include "userspace/tui/view.h"

namespace ctxray::tui {

class FrontEnd {
 public:
  // What reaches beyond the screen.
  struct Hooks {
    std::function<void(double seconds, double first)> set_interval; // the first of them may have another length
    std::function<std::string()> save;                              // a report; returns what to tell the user
  };

  // Shows an empty screen. To be connected before there is input.
  FrontEnd(UiState state, Theme theme);
  void connect(Hooks hooks) { hooks_ = std::move(hooks); }

  void begin(const SamplePtr& sample);
  [[nodiscard]] std::size_t rows() const { return screen_.rows(); }
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
