// SPDX-License-Identifier: GPL-2.0-or-later
// Storms of processes, threads and execs in a child, which prints what the kernel says of them: at most, of the child
// and all that it waited for; and at least, as each of them saw itself just before its end.
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <atomic>
#include <climits>
#include <cstring>

#include "common.h"

namespace {

using namespace workload;

constexpr int kLedgerFd = 9; // a file in memory that outlives exec

struct Ledger {
  std::atomic<long> voluntary;
  std::atomic<long> involuntary;
  std::atomic<long> ends; // processes or threads
};
Ledger* ledger = nullptr;

void open_ledger() {
  void* memory = mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED, kLedgerFd, 0);
  if (memory == MAP_FAILED) fail("mmap");
  ledger = static_cast<Ledger*>(memory);
}

void make_ledger() {
  const int fd = check(memfd_create("ledger", 0), "memfd_create");
  check(ftruncate(fd, sizeof(Ledger)), "ftruncate");
  check(dup2(fd, kLedgerFd), "dup2");
  open_ledger();
}

void last_words(int who) {
  rusage usage{};
  getrusage(who, &usage);
  ledger->voluntary += usage.ru_nvcsw;
  ledger->involuntary += usage.ru_nivcsw;
  ++ledger->ends;
}

[[noreturn]] void leave() {
  last_words(RUSAGE_SELF);
  _exit(0);
}

void await_child() { check(waitpid(-1, nullptr, 0), "waitpid"); }

template <typename Body>
void fork_all(int count, int at_a_time, Body body) {
  for (int i = 0; i < count; ++i) {
    if (i >= at_a_time) await_child();
    if (check(fork(), "fork") == 0) body();
  }
  for (int i = 0; i < std::min(count, at_a_time); ++i) await_child();
}

void forks(int count) { fork_all(count, 8, leave); }

[[noreturn]] void exec_self(const char* mode, int count) {
  const std::string number = std::to_string(count);
  execl("/proc/self/exe", "storm", mode, number.c_str(), nullptr);
  fail("exec");
}

void execs(int count) {
  fork_all(count, 4, [] { exec_self("leaf", 0); });
}

// One process that becomes another again and again, every other time by a thread that is not its first.
void chain(int count) {
  static int left;
  left = count;
  if (count == 0) leave();
  if (count % 2 == 0) exec_self("chain", count - 1);
  pthread_t thread{};
  const auto go_on = [](void*) -> void* { exec_self("chain", left - 1); };
  check(-pthread_create(&thread, nullptr, go_on, nullptr), "pthread_create");
  for (;;) pause();
}

// All wait for the same end of a pipe, and end at once.
void at_once(int count) {
  int ends[2], ready[2];
  check(pipe(ends), "pipe");
  check(pipe(ready), "pipe");
  for (int i = 0; i < count; ++i) {
    if (check(fork(), "fork") != 0) continue;
    char byte = 0;
    close(ends[1]);
    check(static_cast<int>(write(ready[1], &byte, 1)), "write");
    check(static_cast<int>(read(ends[0], &byte, 1)), "read");
    leave();
  }
  char byte = 0;
  for (int i = 0; i < count; ++i) check(static_cast<int>(read(ready[0], &byte, 1)), "read");
  close(ends[1]);
  for (int i = 0; i < count; ++i) await_child();
}

void threads(int count) {
  static int ends[2];
  check(pipe(ends), "pipe");
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
  std::vector<pthread_t> all(static_cast<std::size_t>(count));
  for (pthread_t& thread : all) {
    const auto wait_and_end = [](void* unused) -> void* {
      char byte = 0;
      check(static_cast<int>(read(ends[0], &byte, 1)), "read");
      last_words(RUSAGE_THREAD);
      return unused;
    };
    check(-pthread_create(&thread, &attributes, wait_and_end, nullptr), "pthread_create");
  }
  close(ends[1]);
  for (pthread_t thread : all) pthread_join(thread, nullptr);
}

// Every child gets the number of the one before it. Only in a pid namespace of its own does this disturb nobody.
void reuse(int count) {
  const int last_pid = check(open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC), "ns_last_pid");
  for (int i = 0; i < count; ++i) {
    check(static_cast<int>(pwrite(last_pid, "999", 3, 0)), "ns_last_pid");
    const pid_t pid = check(fork(), "fork");
    if (pid == 0) leave();
    if (pid != 1000) std::exit(4);
    await_child();
  }
}

struct Storm {
  const char* name;
  void (*begin)(int count);
  int who; // of whom the storm's own process tells at its end
};

constexpr Storm kStorms[] = {{"forks", forks, RUSAGE_SELF},       {"execs", execs, RUSAGE_SELF},
                             {"chain", chain, RUSAGE_SELF},       {"at-once", at_once, RUSAGE_SELF},
                             {"threads", threads, RUSAGE_THREAD}, {"reuse", reuse, RUSAGE_SELF}};

void rage(const Storm& storm, int count) {
  const pid_t pid = check(fork(), "fork");
  if (pid == 0) {
    storm.begin(count);
    last_words(storm.who);
    _exit(0);
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
  const std::string name = argc > 1 ? argv[1] : "";
  const int count = argc > 2 ? std::atoi(argv[2]) : 100;
  if (fcntl(kLedgerFd, F_GETFD) >= 0 && std::strcmp(argv[0], "storm") == 0) {
    open_ledger(); // after an exec
    if (name == "leaf") leave();
    chain(count);
  }
  make_ledger();
  for (const Storm& storm : kStorms)
    if (name == storm.name) {
      rage(storm, count);
      return 0;
    }
  std::fputs("usage: storm forks|execs|chain|at-once|threads|reuse COUNT\n", stderr);
  return 2;
}
