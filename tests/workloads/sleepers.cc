// SPDX-License-Identifier: GPL-2.0-or-later
// THREADS threads that sleep until they are killed; says "ready" when all do.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{64} * 1024);
  for (int i = 1; i < count; ++i) {
    pthread_t thread{};
    const auto sleep_on = [](void* unused) -> void* {
      sleep(100'000);
      return unused;
    };
    if (pthread_create(&thread, &attributes, sleep_on, nullptr) != 0) return 1;
  }
  std::puts("ready");
  std::fflush(stdout);
  sleep(100'000);
}
