// SPDX-License-Identifier: GPL-2.0-or-later
// What the workloads share: clocks, errors, and a file of their own.
#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace workload {

inline double seconds(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

inline void pause_for(double length) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(length);
  time.tv_nsec = static_cast<long>((length - static_cast<double>(time.tv_sec)) * 1e9);
  while (nanosleep(&time, &time) != 0) {
  }
}

inline void compute_for(double length) {
  const double end = seconds(CLOCK_THREAD_CPUTIME_ID) + length;
  volatile unsigned long sum = 0;
  while (seconds(CLOCK_THREAD_CPUTIME_ID) < end)
    for (unsigned long i = 0; i < 10'000; ++i) sum = sum + i;
}

[[noreturn]] inline void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

inline int check(int result, const char* what) {
  if (result < 0) fail(what);
  return result;
}

// An open file without a name, on a real disk where TMPDIR or /var/tmp is on one.
inline int open_temporary(std::size_t bytes, bool on_disk = true) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder == nullptr ? "/var/tmp" : folder) + "/ctxray-workload-XXXXXX";
  const int fd = check(mkstemp(path.data()), path.c_str());
  unlink(path.c_str());
  const std::vector<char> block(1 << 20, 'x');
  for (std::size_t done = 0; done < bytes; done += block.size())
    if (write(fd, block.data(), block.size()) < 0) fail("write");
  if (on_disk) check(fsync(fd), "fsync");
  return fd;
}

// Forks a helper named "peer", which the run's verdict is not about, and which ends with its parent.
template <typename Body>
pid_t start_peer(Body body) {
  const pid_t pid = check(fork(), "fork");
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "peer");
  body();
  _exit(0);
}

inline void stop_peer(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

struct Mode {
  const char* name;
  void (*run)(double length);
};

// Usage: PROGRAM MODE [SECONDS]
template <std::size_t N>
int run_mode(int argc, char** argv, const Mode (&modes)[N]) {
  const double length = argc > 2 ? std::atof(argv[2]) : 1;
  for (const Mode& mode : modes)
    if (argc > 1 && std::string(argv[1]) == mode.name) {
      mode.run(length);
      return 0;
    }
  std::fprintf(stderr, "usage: %s MODE [SECONDS]; modes:", argv[0]);
  for (const Mode& mode : modes) std::fprintf(stderr, " %s", mode.name);
  std::fputs("\n", stderr);
  return 2;
}

} // namespace workload
