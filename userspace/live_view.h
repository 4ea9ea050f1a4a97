// SPDX-License-Identifier: GPL-2.0-or-later
// The live view of a watch: its screen is up before there is anything to show, and stays after the end.
#pragma once

#include <cstddef>
#include <string>

#include "userspace/options.h"
#include "userspace/session.h"
#include "userspace/tui/front_end.h"

namespace ctxray {

class LiveView {
 public:
  // Takes the terminal, until its destruction.
  explicit LiveView(const Options& options);

  // Who is there, while nothing is known of what they do.
  void show(const SamplePtr& roster) { view_.begin(roster); }
  [[nodiscard]] std::size_t rows() const { return view_.rows(); }

  // The watch can begin: the first figures come soon, since a whole interval would be a long time to wait for them.
  void begin(tui::FrontEnd::Hooks hooks);

  Watchers watchers();

  // True: the user left before the end.
  [[nodiscard]] bool left() const { return left_; }

  // What was seen last stays until the user leaves. `terminal`: tells of input.
  void stay(Events& terminal, const SamplePtr& last, const std::string& notice);

 private:
  tui::FrontEnd view_;
  double interval_s_;
  bool left_ = false;
};

} // namespace ctxray
