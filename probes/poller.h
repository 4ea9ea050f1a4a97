// SPDX-License-Identifier: GPL-2.0-or-later
// Waits for signals, timers, messages of the kernel side and the end of the target at once.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>

#include "probes/fd.h"
#include "userspace/session.h"

namespace ctxray {

// Blocks SIGINT, SIGQUIT, SIGTERM and SIGHUP for as long as it lives; they become readable. A pipe whose reader has
// gone is an error of its writing meanwhile, not a signal.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  sigset_t previous_{};
  void (*previous_pipe_)(int) = nullptr;
  Fd fd_;
};

class Poller : public Events {
 public:
  struct Sources {
    std::uint64_t interval_ns = 0; // 0: none
    std::uint64_t duration_ns = 0; // 0: until the target ends
    int message_fd = -1;
    int command_fd = -1;                // readable when the launched command has ended; -1: none was launched
    pid_t forward_to = -1;              // launched command: gets the signals that were sent to us alone
    std::function<bool()> target_alive; // asked where no command was launched
    int terminal_fd = -1;               // read by the front end; a changed size interrupts the waiting
  };

  Poller(const Signals& signals, Sources sources);
  Kind wait() override;
  // From now on; the first one is over after `first_ns`.
  void set_interval(std::uint64_t ns, std::uint64_t first_ns);

 private:
  void watch(int fd);
  std::optional<Kind> on_signal();
  std::optional<Kind> on_ready(int fd, std::uint32_t events);

  const Signals& signals_;
  Sources sources_;
  Fd epoll_;
  Fd interval_;
  Fd deadline_;
};

} // namespace ctxray
