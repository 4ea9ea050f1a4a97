// SPDX-License-Identifier: GPL-2.0-or-later
// PROCESSES processes of THREADS threads each, all asleep until they are killed; says "ready" when all are there.
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

void sleep_with(int threads) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{16} * 1024);
  for (int i = 1; i < threads; ++i) {
    pthread_t thread{};
    const auto sleep_on = [](void* unused) -> void* {
      pause();
      return unused;
    };
    if (pthread_create(&thread, &attributes, sleep_on, nullptr) != 0) std::perror("pthread_create");
  }
}

} // namespace

int main(int argc, char** argv) {
  const int processes = argc > 1 ? std::atoi(argv[1]) : 1, threads = argc > 2 ? std::atoi(argv[2]) : 1;
  int ready[2];
  if (pipe(ready) != 0) return 1;
  for (int i = 0; i < processes; ++i) {
    if (fork() != 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sleep_with(threads);
    if (write(ready[1], "", 1) != 1) return 1;
    pause();
    _exit(0);
  }
  char byte = 0;
  for (int i = 0; i < processes; ++i)
    if (read(ready[0], &byte, 1) != 1) return 1;
  std::puts("ready");
  std::fflush(stdout);
  pause();
}
