// SPDX-License-Identifier: GPL-2.0-or-later
// Attempts at once, each blocking a thread of its own.
#include <thread>

#include "tests/workloads/retry/team.h"
#include "tests/workloads/retry/way.h"

namespace retry {

namespace {

class Threads : public Way {
 public:
  explicit Threads(const Terms& terms) : team_(terms) {
    for (unsigned i = 0; i < terms.width; ++i) workers_.emplace_back(&Team::work, &team_);
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() override {
    team_.dismiss();
    for (std::thread& worker : workers_) worker.join();
  }

  Result ask(std::uint32_t question) override { return team_.ask(question); }

 private:
  Team team_;
  std::vector<std::thread> workers_;
};

} // namespace

std::unique_ptr<Way> by_threads(const Terms& terms) { return std::make_unique<Threads>(terms); }

} // namespace retry
