// SPDX-License-Identifier: GPL-2.0-or-later
// Joins the front end to the loop of a watch.
#include "userspace/live_view.h"

#include <algorithm>
#include <utility>

namespace ctxray {

namespace {

constexpr double kFirstInterval = 0.2; // seconds

tui::UiState first_state(const Options& options) {
  tui::UiState state;
  state.sort = options.view.sort;
  state.column_ids = options.view.columns;
  state.ascii = options.view.ascii;
  state.everything = options.targets.everything;
  if (options.targets.everything && options.targets.own) state.message = "only your own processes; root sees all";
  state.interval_s = options.view.interval_s;
  return state;
}

} // namespace

LiveView::LiveView(const Options& options)
    : view_(first_state(options), options.view.theme), interval_s_(options.view.interval_s) {}

void LiveView::begin(tui::FrontEnd::Hooks hooks) {
  hooks.set_interval(interval_s_, std::min(interval_s_, kFirstInterval));
  view_.connect(std::move(hooks));
}

Watchers LiveView::watchers() {
  Watchers watchers;
  watchers.changes = true;
  watchers.first = [this](const SamplePtr& sample) { view_.begin(sample); };
  watchers.interval = [this](const SamplePtr& current, const SamplePtr& previous) { view_.take(current, previous); };
  watchers.input = [this] { return !(left_ = !view_.on_input()); };
  return watchers;
}

void LiveView::stay(Events& terminal, const SamplePtr& last, const std::string& notice) {
  view_.conclude(last, notice);
  while (terminal.wait() == Events::Kind::kInput && view_.on_input()) {
  }
}

} // namespace ctxray
