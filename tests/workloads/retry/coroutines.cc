// SPDX-License-Identifier: GPL-2.0-or-later
// Attempts at once, each suspending a coroutine; all of them are in the only thread, which waits in epoll.
#include "tests/workloads/retry/line.h"
#include "tests/workloads/retry/loop.h"
#include "tests/workloads/retry/way.h"

namespace retry {

namespace {

// retry_blocking, but for the way it waits.
Task retry_suspending(Question& question, const Line& line, double patience, Loop& loop) {
  while (question.is_open()) {
    const Attempt attempt = question.next_attempt(patience);
    line.send(attempt);
    bool answered = false, in_time = true;
    while (!answered && in_time) { // g++ 12 goes wrong over `co_await` in a loop's condition, behind &&
      in_time = co_await loop.readable(line.fd(), attempt.ends);
      answered = in_time && line.take_answer(attempt);
    }
    question.end_attempt(attempt, answered);
  }
}

class Coroutines : public Way {
 public:
  explicit Coroutines(const Terms& terms) : terms_(terms) {
    for (unsigned i = 0; i < terms.width; ++i) {
      lines_.emplace_back(terms.port);
      loop_.add(lines_.back().fd());
    }
  }

  Result ask(std::uint32_t question) override {
    question_.begin(question, terms_.deadline);
    for (const Line& line : lines_) retry_suspending(question_, line, terms_.patience, loop_);
    loop_.run();
    return question_.result();
  }

 private:
  Terms terms_;
  std::vector<Line> lines_;
  Loop loop_;
  Question question_;
};

} // namespace

std::unique_ptr<Way> by_coroutines(const Terms& terms) { return std::make_unique<Coroutines>(terms); }

} // namespace retry
