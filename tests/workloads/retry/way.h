// SPDX-License-Identifier: GPL-2.0-or-later
// The ways to retry, behind one interface. Each is in a file of its name.
#pragma once

#include <memory>

#include "tests/workloads/retry/question.h"

namespace retry {

// What it needs is made once: workers live until it is destroyed.
class Way {
 public:
  Way() = default;
  Way(const Way&) = delete;
  Way& operator=(const Way&) = delete;
  virtual ~Way() = default;

  // Returns when no attempt is under way any more.
  virtual Result ask(std::uint32_t question) = 0;
};

std::unique_ptr<Way> one_after_another(const Terms& terms);
std::unique_ptr<Way> by_processes(const Terms& terms);
std::unique_ptr<Way> by_threads(const Terms& terms);
std::unique_ptr<Way> by_coroutines(const Terms& terms);

} // namespace retry
