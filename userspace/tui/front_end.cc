// SPDX-License-Identifier: GPL-2.0-or-later
// Joins board, choices and screen.
#include "userspace/tui/front_end.h"

#include <utility>

#include "userspace/tui/update.h"

namespace ctxray::tui {

FrontEnd::FrontEnd(UiState state, Theme theme)
    : state_(std::move(state)), frame_{Grid(1, 1, true), {}, 0, 0, 0}, screen_(theme) {
  state_.rows = screen_.rows();
  state_.columns = screen_.columns();
  state_.ascii = state_.ascii || screen_.ascii();
  redraw();
}

// A frame points into the board that it was drawn from, so each change of that is drawn at once.
void FrontEnd::redraw() {
  frame_ = draw(shown(), state_);
  screen_.show(frame_.grid);
}

void FrontEnd::begin(const SamplePtr& sample) {
  board_.begin(sample);
  redraw();
}

void FrontEnd::take(const SamplePtr& current, const SamplePtr& previous) {
  board_.add(current, previous);
  if (!state_.paused) redraw();
}

bool FrontEnd::on_input() {
  while (const std::optional<Event> event = screen_.read()) {
    switch (update(state_, *event, frame_)) {
      case Request::kQuit:
        return false;
      case Request::kSave:
        state_.message = shown().empty() ? "nothing to save yet" : hooks_.save();
        break;
      case Request::kInterval:
        hooks_.set_interval(state_.interval_s, state_.interval_s);
        break;
      case Request::kHold:
        held_ = state_.paused ? board_ : Board{};
        break;
      case Request::kNone:
        break;
    }
    // The next key is for what this one led to.
    frame_ = draw(shown(), state_);
  }
  screen_.show(frame_.grid);
  return true;
}

void FrontEnd::conclude(const SamplePtr& last, const std::string& notice) {
  board_.conclude(last);
  board_.notice = notice;
  state_.paused = false;
  redraw();
}

} // namespace ctxray::tui
