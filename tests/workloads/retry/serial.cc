// SPDX-License-Identifier: GPL-2.0-or-later
// One attempt after another, each blocking the only thread.
#include "tests/workloads/retry/line.h"
#include "tests/workloads/retry/way.h"

namespace retry {

namespace {

class Serial : public Way {
 public:
  explicit Serial(const Terms& terms) : terms_(terms), line_(terms.port) {}

  Result ask(std::uint32_t question) override {
    question_.begin(question, terms_.deadline);
    retry_blocking(question_, line_, terms_.patience);
    return question_.result();
  }

 private:
  Terms terms_;
  Line line_;
  Question question_;
};

} // namespace

std::unique_ptr<Way> one_after_another(const Terms& terms) { return std::make_unique<Serial>(terms); }

} // namespace retry
