// SPDX-License-Identifier: GPL-2.0-or-later
// Attempts at once, each blocking a process of its own.
#include <sys/mman.h>

#include <new>

#include "tests/workloads/retry/team.h"
#include "tests/workloads/retry/way.h"

namespace retry {

namespace {

Team* make_shared_team(const Terms& terms) {
  void* memory = mmap(nullptr, sizeof(Team), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) workload::fail("cannot share memory with the workers: mmap");
  return new (memory) Team(terms);
}

class Processes : public Way {
 public:
  explicit Processes(const Terms& terms) : team_(make_shared_team(terms)) {
    for (unsigned i = 0; i < terms.width; ++i) workers_.push_back(start_worker());
  }
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes() override {
    team_->dismiss();
    for (const pid_t worker : workers_) waitpid(worker, nullptr, 0);
    team_->~Team();
    munmap(team_, sizeof(Team));
  }

  Result ask(std::uint32_t question) override { return team_->ask(question); }

 private:
  pid_t start_worker() {
    const pid_t pid = workload::check(fork(), "cannot start a worker: fork");
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    team_->work();
    _exit(0);
  }

  Team* team_;
  std::vector<pid_t> workers_;
};

} // namespace

std::unique_ptr<Way> by_processes(const Terms& terms) { return std::make_unique<Processes>(terms); }

} // namespace retry
