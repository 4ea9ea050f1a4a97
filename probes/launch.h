// SPDX-License-Identifier: GPL-2.0-or-later
// Starts a command stopped before its first instruction, and waits for its end.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>
#include <vector>

#include "probes/fd.h"

namespace ctxray {

// What a command has in place of our terminal, which the front end draws on: nothing to read, and a file to write to.
// Streams that are no terminal stay as they are.
class Capture {
 public:
  Capture();
  // What the command wrote since the last call, to stdout.
  void replay();

  // For the child, between fork and exec. False: see errno.
  [[nodiscard]] bool redirect() const;

 private:
  Fd nothing_;
  Fd output_;
  long long replayed_ = 0;
};

class Launch {
 public:
  // Forks; the child waits until release(), and ends if this process ends before that. `user`: whose identity the
  // command takes on; empty: the caller's. Throws Error for an unknown user. Call before signals are blocked.
  // `capture`: where its output goes; null: to ours.
  Launch(const std::vector<std::string>& command, const std::string& user, const Capture* capture = nullptr);
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

  // Readable when the command has ended.
  [[nodiscard]] int end_fd() const { return pidfd_.get(); }

  [[nodiscard]] bool ended() const;

  // Lets the command go. Throws Error (exit status 126 or 127, as of a shell) where it cannot be executed.
  void release();

  // Waits for the end. Returns the status in the form of waitpid.
  int wait();

 private:
  std::string name_;
  pid_t pid_ = -1;
  Fd go_;     // a byte here lets the child go
  Fd failed_; // the child's errno comes from here when exec fails
  Fd pidfd_;
};

} // namespace ctxray
