// SPDX-License-Identifier: GPL-2.0-or-later
// A question that must be answered by a deadline, and the attempts to get it answered. May lie in memory that processes
// share; all its users may call it at once, but for begin().
#pragma once

#include <algorithm>
#include <atomic>

#include "tests/workloads/common.h"
#include "tests/workloads/retry/wire.h"

namespace retry {

// Of all ways alike. Seconds.
struct Terms {
  double deadline = 0.200; // of a question
  double patience = 0.020; // an attempt is given up after it
  unsigned width = 8;      // attempts at once, of the ways that can
  unsigned short port = 0; // of the server
};

struct Attempt {
  Datagram request;
  double began;
  double ends; // given up then
};

struct Result {
  double answered_after; // seconds; negative: not by the deadline
  double lasted;         // until the last attempt was over
  std::uint32_t attempts;
  double attempts_lasted; // their sum
};

class Question {
 public:
  void begin(std::uint32_t number, double deadline) {
    number_ = number;
    began_ = workload::seconds();
    ends_ = began_ + deadline;
    attempts_ = 0;
    answered_ = 0;
    attempts_lasted_ = 0;
  }

  [[nodiscard]] bool is_open() const { return answered_ == 0 && workload::seconds() < ends_; }

  Attempt next_attempt(double patience) {
    const double now = workload::seconds();
    return {{number_, attempts_++}, now, std::min(now + patience, ends_)};
  }

  // The first answer counts. Attempts that are under way beside it are not called off.
  void end_attempt(const Attempt& attempt, bool answered) {
    const double now = workload::seconds();
    double none = 0;
    if (answered && now < ends_) answered_.compare_exchange_strong(none, now);
    attempts_lasted_ += now - attempt.began;
  }

  // When all attempts are over.
  [[nodiscard]] Result result() const {
    const double answered = answered_;
    return {answered == 0 ? -1 : answered - began_, workload::seconds() - began_, attempts_, attempts_lasted_};
  }

 private:
  std::uint32_t number_ = 0;
  double began_ = 0;
  double ends_ = 0;
  std::atomic<std::uint32_t> attempts_{0};
  std::atomic<double> answered_{0}; // when; 0: not yet
  std::atomic<double> attempts_lasted_{0};
  static_assert(std::atomic<double>::is_always_lock_free, "a lock would not be shared with other processes");
};

} // namespace retry
