// SPDX-License-Identifier: GPL-2.0-or-later
// THREADS threads that compute for SECONDS on CPU number CPU (any, if it is not given); says "ready" first.
#include <sched.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>
#include <vector>

namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void spin(double end) {
  while (now() < end) {
  }
}

} // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1;
  const double end = now() + (argc > 2 ? std::atof(argv[2]) : 1);
  if (argc > 3) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(std::atoi(argv[3])), &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  std::vector<std::thread> threads;
  for (int i = 1; i < count; ++i) threads.emplace_back(spin, end);
  spin(end);
  for (std::thread& thread : threads) thread.join();
}
