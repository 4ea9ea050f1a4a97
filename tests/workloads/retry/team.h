// SPDX-License-Identifier: GPL-2.0-or-later
// What workers that block have in common, whether they are threads or processes: the question, and where they meet
// before and after it. In processes it lies in memory that they share.
#pragma once

#include <pthread.h>

#include "tests/workloads/retry/line.h"

namespace retry {

class Team {
 public:
  explicit Team(const Terms& terms) : terms_(terms) {
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&barrier_, &attributes, terms.width + 1); // and who asks
    pthread_barrierattr_destroy(&attributes);
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;
  ~Team() { pthread_barrier_destroy(&barrier_); }

  // The life of a worker.
  void work() {
    const Line line(terms_.port);
    for (meet(); !dismissed_; meet()) {
      retry_blocking(question_, line, terms_.patience);
      meet();
    }
  }

  Result ask(std::uint32_t question) {
    question_.begin(question, terms_.deadline);
    meet();
    meet();
    return question_.result();
  }

  void dismiss() {
    dismissed_ = true;
    meet();
  }

 private:
  void meet() { pthread_barrier_wait(&barrier_); }

  Terms terms_;
  Question question_;
  pthread_barrier_t barrier_{};
  std::atomic<bool> dismissed_{false};
};

} // namespace retry
