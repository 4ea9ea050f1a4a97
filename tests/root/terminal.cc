// SPDX-License-Identifier: GPL-2.0-or-later
// Speaks to tmux.
#include "tests/root/terminal.h"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace ctxray {

namespace {

std::string next_server() {
  static int number = 0;
  return "ctxray-test-" + std::to_string(getpid()) + "-" + std::to_string(++number);
}

} // namespace

bool comes_true(const std::function<bool()>& condition) {
  constexpr int kTries = 200;
  constexpr std::chrono::milliseconds kPause(50);
  for (int tries = 0; tries < kTries; ++tries) {
    if (condition()) return true;
    std::this_thread::sleep_for(kPause);
  }
  return false;
}

Terminal::Terminal(const std::string& command, int columns, int rows, const std::string& term)
    : server_(next_server()) {
  const Finished started =
      run_command({"tmux", "-L", server_, "-f", "/dev/null", "new-session", "-d", "-x", std::to_string(columns), "-y",
                   std::to_string(rows),
                   "env LC_ALL=C.UTF-8 TERM=" + term + " PS1='$ ' sh -c '" + command +
                       "; echo \"[status $?]\"; stty -a | grep -q \" echo \" && echo [restored]; exec cat'"});
  if (started.status != 0) throw std::runtime_error("tmux: " + started.err);
}

Terminal::~Terminal() { tmux({"kill-server"}); }

std::string Terminal::tmux(const Command& arguments) const {
  Command command = {"tmux", "-L", server_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(command).out;
}

void Terminal::press(const std::string& key) const { tmux({"send-keys", key}); }

void Terminal::resize(int columns, int rows) const {
  tmux({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)});
}

std::string Terminal::screen() const { return tmux({"capture-pane", "-p"}); }

bool Terminal::shows(const std::string& text) const {
  return comes_true([&] { return screen().find(text) != std::string::npos; });
}

bool Terminal::no_longer_shows(const std::string& text) const {
  return comes_true([&] { return screen().find(text) == std::string::npos; });
}

pid_t Terminal::pid_of(const std::string& name) const {
  const std::string shell = tmux({"display-message", "-p", "#{pane_pid}"});
  pid_t pid = 0;
  comes_true([&] {
    const std::string found = run_command({"pgrep", "-n", "-x", "-P", std::to_string(std::stol(shell)), name}).out;
    if (!found.empty()) pid = static_cast<pid_t>(std::stol(found));
    return pid != 0;
  });
  return pid;
}

} // namespace ctxray
