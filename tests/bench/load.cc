// SPDX-License-Identifier: GPL-2.0-or-later
// Switches between two processes on one CPU, system calls, reads past the page cache, threads that wake one another,
// and processes that come and go.
#include "tests/bench/load.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

using Clock = std::chrono::steady_clock;

double ns_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

void check(bool well, const char* what) {
  if (!well) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof(set), &set);
}

struct Pipe {
  Pipe() { check(pipe2(ends.data(), O_CLOEXEC) == 0, "pipe"); }
  std::array<int, 2> ends{};
  void give() const { check(write(ends[1], "", 1) == 1, "write"); }
  void take() const {
    char byte = 0;
    check(read(ends[0], &byte, 1) == 1, "read");
  }
};

// Made by the first block, so that it is a child of the load and followed with it.
struct Partner {
  Partner() {
    pin(0);
    if (const pid_t pid = fork(); pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) {
        there.take();
        back.give();
      }
    } else {
      check(pid > 0, "fork");
    }
  }
  Pipe there;
  Pipe back;
};

double switches(long count) {
  static const Partner kPartner;
  const auto begin = Clock::now();
  for (long i = 0; i < count / 2; ++i) {
    kPartner.there.give();
    kPartner.back.take();
  }
  return ns_since(begin);
}

double calls(long count) {
  pin(0);
  const auto begin = Clock::now();
  for (long i = 0; i < count; ++i) syscall(SYS_getppid);
  return ns_since(begin);
}

// A file of its own, gone with the process.
int scratch_file(std::size_t bytes) {
  std::string path = "/var/tmp/ctxray-bench-XXXXXX";
  const int fd = mkostemp(path.data(), O_DIRECT | O_CLOEXEC);
  check(fd >= 0, "mkostemp");
  unlink(path.c_str());
  void* block = std::aligned_alloc(4096, std::size_t{1} << 20);
  std::memset(block, 1, std::size_t{1} << 20);
  for (std::size_t at = 0; at < bytes; at += std::size_t{1} << 20)
    check(write(fd, block, std::size_t{1} << 20) > 0, "write");
  std::free(block);
  return fd;
}

double reads(long count) {
  constexpr std::size_t kBytes = std::size_t{64} << 20, kBlock = 4096;
  static const int kFile = scratch_file(kBytes);
  static void* const kBuffer = std::aligned_alloc(kBlock, kBlock);
  const auto begin = Clock::now();
  for (long i = 0; i < count; ++i)
    check(pread(kFile, kBuffer, kBlock,
                static_cast<off_t>(static_cast<std::size_t>(rand()) % (kBytes / kBlock) * kBlock)) > 0,
          "pread");
  return ns_since(begin);
}

std::vector<int> events(std::size_t count) {
  std::vector<int> fds(count);
  for (int& fd : fds) {
    fd = eventfd(0, EFD_CLOEXEC);
    check(fd >= 0, "eventfd");
  }
  return fds;
}

// Four pairs that hand an event to and fro, on all CPUs.
double wakes(long count) {
  constexpr std::size_t kPairs = 4;
  const auto begin = Clock::now();
  static const std::vector<int> kEvents = events(2 * kPairs);
  std::vector<std::thread> threads;
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    const int there = kEvents[2 * pair], back = kEvents[2 * pair + 1];
    const auto play = [count](int first, int second, bool gives) {
      eventfd_t value = 0;
      for (long i = 0; i < count / long{kPairs} / 2; ++i) {
        if (gives) eventfd_write(first, 1);
        eventfd_read(second, &value);
        if (!gives) eventfd_write(first, 1);
      }
    };
    threads.emplace_back(play, there, back, true);
    threads.emplace_back([=] { play(back, there, false); });
  }
  for (std::thread& thread : threads) thread.join();
  return ns_since(begin);
}

double forks(long count) {
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  const auto begin = Clock::now();
  for (long i = 0; i < count; ++i) {
    pid_t pid = -1;
    check(posix_spawn(&pid, program, nullptr, nullptr, arguments, environ) == 0, "posix_spawn");
    waitpid(pid, nullptr, 0);
  }
  return ns_since(begin);
}

} // namespace

const std::vector<LoadKind>& load_kinds() {
  static const std::vector<LoadKind> kKinds = {{"switch", 1'000, switches},
                                               {"syscall", 8'000, calls},
                                               {"read", 40, reads},
                                               {"wakeup", 800, wakes},
                                               {"process", 4, forks}};
  return kKinds;
}

Load::Load(const LoadKind& kind) : kind_(kind) {
  const Pipe ask, answer;
  pid_ = fork();
  check(pid_ >= 0, "fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte = 0;
    while (read(ask.ends[0], &byte, 1) == 1) {
      const double ns = kind.run(kind.block) / static_cast<double>(kind.block);
      if (write(answer.ends[1], &ns, sizeof(ns)) != sizeof(ns)) break;
    }
    _exit(0);
  }
  ask_ = ask.ends[1];
  answer_ = answer.ends[0];
  close(ask.ends[0]);
  close(answer.ends[1]);
  static_cast<void>(measure()); // all is made that it needs
}

Load::~Load() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(ask_);
  close(answer_);
}

double Load::measure() const {
  double ns = 0;
  check(write(ask_, "", 1) == 1 && read(answer_, &ns, sizeof(ns)) == sizeof(ns), kind_.name.c_str());
  return ns;
}

} // namespace ctxray::bench
