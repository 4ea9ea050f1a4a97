// SPDX-License-Identifier: GPL-2.0-or-later
// On each SIGUSR1 as many processes as its argument says are born and end, one after another; then it prints a line.
#include "common.h"

int main(int, char** argv) {
  using namespace workload;
  const long count = argv[1] == nullptr ? 1 : std::strtol(argv[1], nullptr, 10);
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR1);
  check(sigprocmask(SIG_BLOCK, &wanted, nullptr), "sigprocmask");
  std::puts("ready");
  std::fflush(stdout);
  for (int signal = 0; sigwait(&wanted, &signal) == 0;) {
    for (long i = 0; i < count; ++i) {
      const pid_t pid = check(fork(), "fork");
      if (pid == 0) _exit(0);
      waitpid(pid, nullptr, 0);
    }
    std::puts("done");
    std::fflush(stdout);
  }
}
