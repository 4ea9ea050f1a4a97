// SPDX-License-Identifier: GPL-2.0-or-later
// PAIRS pairs of threads pass a byte to and fro for SECONDS, each pair on one CPU, in a child; prints
// the child's pid and what the kernel says of it at its end.
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

namespace {

std::atomic<bool> stop{false};

struct Pipes {
  int there[2];
  int back[2];
};

void pin(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu % std::thread::hardware_concurrency(), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

void ask(const Pipes& pipes, unsigned cpu) {
  pin(cpu);
  char byte = 0;
  while (!stop && write(pipes.there[1], &byte, 1) == 1 && read(pipes.back[0], &byte, 1) == 1) {
  }
  close(pipes.there[1]);
}

void answer(const Pipes& pipes, unsigned cpu) {
  pin(cpu);
  char byte = 0;
  while (read(pipes.there[0], &byte, 1) == 1 && write(pipes.back[1], &byte, 1) == 1) {
  }
}

void play(unsigned pairs, double length) {
  std::vector<Pipes> pipes(pairs);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < pairs; ++i) {
    if (pipe(pipes[i].there) != 0 || pipe(pipes[i].back) != 0) std::exit(1);
    threads.emplace_back(ask, std::cref(pipes[i]), i);
    threads.emplace_back(answer, std::cref(pipes[i]), i);
  }
  std::printf("%d\n", getpid());
  std::fflush(stdout);
  const timespec time = {static_cast<time_t>(length), static_cast<long>((length - static_cast<int>(length)) * 1e9)};
  nanosleep(&time, nullptr);
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

} // namespace

int main(int argc, char** argv) {
  const unsigned pairs = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 2;
  const double length = argc > 2 ? std::atof(argv[2]) : 1;
  const pid_t child = fork();
  if (child == 0) {
    play(pairs, length);
    return 0;
  }
  // Not the child's own getrusage: it may still block while it ends, which only its parent is told.
  rusage usage{};
  if (wait4(child, nullptr, 0, &usage) != child) return 1;
  const long cpu_us =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  std::printf("%ld %ld %ld\n", usage.ru_nvcsw, usage.ru_nivcsw, cpu_us);
}
