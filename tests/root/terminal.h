// SPDX-License-Identifier: GPL-2.0-or-later
// A terminal to drive the live view in: tmux, with a server of its own.
#pragma once

#include <functional>
#include <string>

#include "tests/root/support.h"

namespace ctxray {

// Looks again and again, for as long as even a busy machine needs.
bool comes_true(const std::function<bool()>& condition);

class Terminal {
 public:
  // A shell runs `command` in it; the terminal lasts until the end of this object.
  Terminal(const std::string& command, int columns, int rows, const std::string& term = "xterm-256color");
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Names as of tmux: "Enter", "Escape", "F6"; other text is typed as it is.
  void press(const std::string& key) const;
  void resize(int columns, int rows) const;
  [[nodiscard]] std::string screen() const;
  // True as soon as the screen shows this; false where it does not come.
  [[nodiscard]] bool shows(const std::string& text) const;
  [[nodiscard]] bool no_longer_shows(const std::string& text) const;
  // The pid of the newest program of this name below the terminal.
  [[nodiscard]] pid_t pid_of(const std::string& name) const;

 private:
  std::string tmux(const Command& arguments) const; // what it printed

  std::string server_;
};

} // namespace ctxray
