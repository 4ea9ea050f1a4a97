// SPDX-License-Identifier: GPL-2.0-or-later
// Waits of whole processes: for a child, a terminal, a signal, a pipe; calls of 32 bits; calls of the kernel.
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>

#include <thread>

#include "common.h"

namespace {

using namespace workload;

// Waits in vfork until the child, which is slow to exec, has gone on.
void vfork_wait(double length) {
  static const timespec kPause = {0, 20'000'000};
  const double end = seconds() + length;
  while (seconds() < end) {
    const pid_t pid = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork): it is what is to be seen
    if (pid == 0) {
      nanosleep(&kPause, nullptr); // NOLINT(clang-analyzer-unix.Vfork)
      _exit(0);
    }
    waitpid(pid, nullptr, 0);
  }
}

// Waits for a person who types a line at times.
void terminal(double length) {
  const int master = check(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
  check(grantpt(master), "grantpt");
  check(unlockpt(master), "unlockpt");
  const int tty = check(open(ptsname(master), O_RDWR | O_NOCTTY), "terminal");
  const pid_t peer = start_peer([master] {
    for (;;) {
      pause_for(0.1);
      if (write(master, "ok\n", 3) != 3) return;
    }
  });
  char line[16];
  for (const double end = seconds() + length; seconds() < end;)
    check(static_cast<int>(read(tty, line, sizeof(line))), "read");
  stop_peer(peer);
}

void on_alarm(int) {}

// Sleeps, interrupted a hundred times a second.
void interrupted(double length) {
  struct sigaction action {};
  action.sa_handler = on_alarm;
  sigaction(SIGUSR1, &action, nullptr);
  const pid_t self = getpid();
  const pid_t peer = start_peer([self] {
    for (;;) {
      pause_for(0.01);
      kill(self, SIGUSR1);
    }
  });
  pause_for(length);
  stop_peer(peer);
}

// Sleeps, stopped and continued: the kernel goes on with the sleep by itself.
void stopped(double length) {
  const pid_t self = getpid();
  const pid_t peer = start_peer([self, length] {
    for (const double end = seconds() + length - 0.1; seconds() < end;) {
      pause_for(0.05);
      kill(self, SIGSTOP);
      pause_for(0.002);
      kill(self, SIGCONT);
    }
  });
  pause_for(length);
  waitpid(peer, nullptr, 0); // to kill it could leave this process stopped
}

// A thread still waits in a read when the process ends.
void ends_waiting(double length) {
  static int ends[2];
  check(pipe(ends), "pipe");
  std::thread([] {
    char byte = 0;
    if (read(ends[0], &byte, 1) < 0) fail("read");
  }).detach();
  pause_for(length);
  _exit(0);
}

// Spends its time inside the kernel.
void kernel(double length) {
  constexpr std::size_t kBytes = 16 << 20;
  for (const double end = seconds() + length; seconds() < end;) {
    void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    munmap(memory, kBytes);
  }
}

// Computes on one CPU with a child, which it has woken, and which it takes the CPU from a thousand times a second.
void preempted(double length) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  check(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
  int ends[2];
  check(pipe(ends), "pipe");
  const pid_t child = check(fork(), "fork");
  if (child == 0) {
    char byte = 0;
    check(static_cast<int>(read(ends[0], &byte, 1)), "read");
    compute_for(length);
    _exit(0);
  }
  pause_for(0.02);
  check(static_cast<int>(write(ends[1], "", 1)), "write");
  for (const double end = seconds() + length; seconds() < end; pause_for(0.0005)) compute_for(0.0005);
  waitpid(child, nullptr, 0);
}

#if defined(__x86_64__)
// nanosleep by the 32-bit entry, where its number is 162; in 64-bit calls that is sync.
void sleep_32(double length) {
  struct OldTimespec {
    int seconds;
    int nanoseconds;
  };
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  auto* pause = static_cast<OldTimespec*>(memory);
  for (const double end = seconds() + length; seconds() < end;) {
    *pause = {0, 10'000'000};
    long result = 162;
    asm volatile("int $0x80" : "+a"(result) : "b"(pause), "c"(0L) : "memory", "r8", "r9", "r10", "r11");
    if (result != 0) {
      std::fputs("this kernel serves no 32-bit calls\n", stderr);
      std::exit(3);
    }
  }
}
#else
void sleep_32(double length) { pause_for(length); }
#endif

} // namespace

int main(int argc, char** argv) {
  return run_mode(argc, argv,
                  {{"vfork", vfork_wait},
                   {"terminal", terminal},
                   {"interrupted", interrupted},
                   {"stopped", stopped},
                   {"ends-waiting", ends_waiting},
                   {"kernel", kernel},
                   {"preempted", preempted},
                   {"sleep-32", sleep_32}});
}
