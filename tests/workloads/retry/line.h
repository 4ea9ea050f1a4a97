// SPDX-License-Identifier: GPL-2.0-or-later
// A socket to the server, for one attempt at a time.
#pragma once

#include "tests/workloads/retry/question.h"

namespace retry {

class Line {
 public:
  explicit Line(unsigned short port);
  Line(Line&& other) noexcept;
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line();

  [[nodiscard]] int fd() const { return fd_; }
  void send(const Attempt& attempt) const;

  // Blocks until there is an answer, or the attempt is to be given up: false.
  [[nodiscard]] bool wait_for_answer(const Attempt& attempt) const;

  // Whether what has arrived answers the attempt's question. Does not block.
  [[nodiscard]] bool take_answer(const Attempt& attempt) const;

 private:
  [[nodiscard]] bool receive(const Attempt& attempt, int flags) const;

  int fd_;
};

// The whole of retrying, where an attempt may block its thread.
inline void retry_blocking(Question& question, const Line& line, double patience) {
  while (question.is_open()) {
    const Attempt attempt = question.next_attempt(patience);
    line.send(attempt);
    question.end_attempt(attempt, line.wait_for_answer(attempt));
  }
}

} // namespace retry
