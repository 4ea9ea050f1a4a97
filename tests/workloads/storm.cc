// SPDX-License-Identifier: GPL-2.0-or-later
// A storm of short processes in a child, which prints what the kernel says of them: at most, of the child and all that
// it waited for; and at least, as each of them saw itself just before its end.
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "common.h"

namespace {

using namespace workload;

struct Ledger {
  std::atomic<long> voluntary;
  std::atomic<long> involuntary;
  std::atomic<long> ends;
};
Ledger* ledger = nullptr;

void make_ledger() {
  void* memory = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  ledger = static_cast<Ledger*>(memory);
}

void last_words() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  ledger->voluntary += usage.ru_nvcsw;
  ledger->involuntary += usage.ru_nivcsw;
  ++ledger->ends;
}

[[noreturn]] void leave() {
  last_words();
  _exit(0);
}

void await_child() { check(waitpid(-1, nullptr, 0), "waitpid"); }

void forks(int count) {
  constexpr int kAtATime = 8;
  for (int i = 0; i < count; ++i) {
    if (i >= kAtATime) await_child();
    if (check(fork(), "fork") == 0) leave();
  }
  for (int i = 0; i < std::min(count, kAtATime); ++i) await_child();
}

void rage(int count) {
  const pid_t pid = check(fork(), "fork");
  if (pid == 0) {
    forks(count);
    leave();
  }
  rusage usage{};
  int status = 0;
  check(wait4(pid, &status, 0, &usage), "wait4");
  if (status != 0) std::exit(1);
  const long cpu_us =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  std::printf("%d %ld %ld %ld %ld %ld %ld %d\n", pid, usage.ru_nvcsw, usage.ru_nivcsw, cpu_us, ledger->voluntary.load(),
              ledger->involuntary.load(), ledger->ends.load(), getpid());
}

} // namespace

int main(int argc, char** argv) {
  make_ledger();
  rage(argc > 1 ? std::atoi(argv[1]) : 100);
}
