// SPDX-License-Identifier: GPL-2.0-or-later
// PAIRS pairs of threads pass a byte to and fro for SECONDS, each pair on one CPU; prints its own getrusage at the end.
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
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

} // namespace

int main(int argc, char** argv) {
  const unsigned pairs = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 2;
  const double length = argc > 2 ? std::atof(argv[2]) : 1;
  std::vector<Pipes> pipes(pairs);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < pairs; ++i) {
    if (pipe(pipes[i].there) != 0 || pipe(pipes[i].back) != 0) return 1;
    threads.emplace_back(ask, std::cref(pipes[i]), i);
    threads.emplace_back(answer, std::cref(pipes[i]), i);
  }
  std::puts("ready");
  std::fflush(stdout);
  const timespec time = {static_cast<time_t>(length), static_cast<long>((length - static_cast<int>(length)) * 1e9)};
  nanosleep(&time, nullptr);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  // A joined thread may still switch on its way out: wait until the kernel has let go of all.
  const std::filesystem::path tasks = "/proc/self/task";
  while (std::distance(std::filesystem::directory_iterator(tasks), {}) > 1) std::this_thread::yield();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const long cpu_us =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  std::printf("%ld %ld %ld\n", usage.ru_nvcsw, usage.ru_nivcsw, cpu_us);
}
