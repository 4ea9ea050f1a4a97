// SPDX-License-Identifier: GPL-2.0-or-later
// What is played to measure the machine: each game has rounds, and is made in the process that plays it.
#include "probes/cost_games.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <coroutine>
#include <csignal>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "probes/fd.h"
#include "userspace/error.h"

namespace ctxray {

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) throw Error("cannot stay on one CPU", errno);
}

namespace {

void give(const Fd& fd) {
  if (write(fd.get(), "", 1) != 1) throw Error("cannot write to a pipe", errno);
}

// False: the other end is gone.
bool take(const Fd& fd) {
  char byte = 0;
  return read(fd.get(), &byte, 1) == 1;
}

// Memory that is read from one end to the other, a cache line at a time.
class WorkingSet {
 public:
  explicit WorkingSet(std::size_t bytes) : memory_(bytes / sizeof(std::uint64_t), 1) {}
  void touch() {
    for (std::size_t i = 0; i < memory_.size(); i += kLine) sum_ = sum_ + memory_[i];
  }

 private:
  static constexpr std::size_t kLine = 64 / sizeof(std::uint64_t);
  std::vector<std::uint64_t> memory_;
  volatile std::uint64_t sum_ = 0;
};

// Two that hand a byte to and fro through pipes; each touches its working set when it has it.
class PingPong {
 public:
  using Kind = PartnerKind;

  // `cpu` is of the partner; who plays is pinned to its own by its caller.
  PingPong(Kind kind, int cpu, std::size_t working_set) : own_(working_set) {
    const auto partner = [this, cpu, working_set] {
      stay_on(cpu);
      WorkingSet set(working_set);
      while (take(there_.read_end) && !ended_) {
        set.touch();
        give(back_.write_end);
      }
    };
    if (kind == Kind::kThread) {
      thread_ = std::thread(partner);
      return;
    }
    pid_ = fork();
    if (pid_ < 0) throw Error("cannot fork", errno);
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    there_.write_end.reset();
    try {
      partner();
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(0);
  }
  ~PingPong() {
    // Processes that were forked later hold the pipes open: their end would not be seen.
    if (thread_.joinable()) {
      ended_ = true;
      if (write(there_.write_end.get(), "", 1) == 1) thread_.join();
    }
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  PingPong(const PingPong&) = delete;
  PingPong& operator=(const PingPong&) = delete;

  void round() {
    own_.touch();
    give(there_.write_end);
    if (!take(back_.read_end)) throw Error("a partner in measuring has ended");
  }

 private:
  Pipe there_;
  Pipe back_;
  WorkingSet own_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
  pid_t pid_ = -1;
};

// The same without a partner: what a round takes besides its switches. Where there are threads, each call takes a
// reference to its file, so for threads another one has to be there, asleep.
class Alone {
 public:
  Alone(PartnerKind kind, std::size_t working_set) : set_(working_set) {
    if (kind == PartnerKind::kThread) sleeper_ = std::thread([this] { take(sleep_.read_end); });
  }
  ~Alone() {
    if (!sleeper_.joinable()) return;
    give(sleep_.write_end);
    sleeper_.join();
  }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;
  void round() {
    for (int side = 0; side < 2; ++side) {
      set_.touch();
      give(pipe_.write_end);
      take(pipe_.read_end);
    }
  }

 private:
  Pipe pipe_;
  Pipe sleep_;
  WorkingSet set_;
  std::thread sleeper_;
};

// Wakes a thread on another CPU through a futex, and waits for its answer.
class FutexPair {
 public:
  explicit FutexPair(int cpu)
      : partner_([this, cpu] {
          stay_on(cpu);
          for (std::uint32_t turn = 1;; turn += 2) {
            wait_for(turn);
            if (ended_) return;
            hand_over(turn + 1);
          }
        }) {}
  ~FutexPair() {
    ended_ = true;
    hand_over(turn_ + 1);
    partner_.join();
  }
  FutexPair(const FutexPair&) = delete;
  FutexPair& operator=(const FutexPair&) = delete;

  void round() {
    const std::uint32_t turn = turn_;
    hand_over(turn + 1);
    wait_for(turn + 2);
  }

 private:
  void call(int operation, std::uint32_t value) {
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&turn_), operation | FUTEX_PRIVATE_FLAG, value, nullptr,
            nullptr, 0);
  }
  void hand_over(std::uint32_t turn) {
    turn_ = turn;
    call(FUTEX_WAKE, 1);
  }
  void wait_for(std::uint32_t turn) {
    for (std::uint32_t now = turn_; now != turn; now = turn_) call(FUTEX_WAIT, now);
  }

  std::atomic<std::uint32_t> turn_{0};
  std::atomic<bool> ended_{false};
  std::thread partner_;
};

// A coroutine without a stack, as of C++20.
struct Steps {
  struct promise_type { // NOLINT(readability-identifier-naming): the language's name
    Steps get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Steps step_for_ever(volatile long& steps) {
  for (;;) {
    steps = steps + 1;
    co_await std::suspend_always{};
  }
}

class Coroutine {
 public:
  Coroutine() : steps_(step_for_ever(count_)) {}
  ~Coroutine() { steps_.handle.destroy(); }
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;
  void round() { steps_.handle.resume(); }

 private:
  volatile long count_ = 0;
  Steps steps_;
};

// One with a stack of its own, as of ucontext.
class Context {
 public:
  Context() {
    if (getcontext(&other_) != 0) throw Error("cannot make a context", errno);
    other_.uc_stack.ss_sp = stack_.data();
    other_.uc_stack.ss_size = stack_.size();
    const auto address = reinterpret_cast<std::uintptr_t>(this);
    makecontext(&other_, reinterpret_cast<void (*)()>(&Context::run), 2, static_cast<unsigned>(address >> 32),
                static_cast<unsigned>(address));
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  void round() { swapcontext(&own_, &other_); }

 private:
  static void run(unsigned high, unsigned low) {
    auto* self = reinterpret_cast<Context*>(std::uintptr_t{high} << 32 | low);
    for (;;) swapcontext(&self->other_, &self->own_);
  }

  std::array<char, std::size_t{64} * 1024> stack_{};
  ucontext_t own_{};
  ucontext_t other_{};
};

void fault_pages(long count) {
  constexpr std::size_t kPage = 4096;
  const std::size_t bytes = static_cast<std::size_t>(count) * kPage;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error("cannot map memory", errno);
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  for (std::size_t at = 0; at < bytes; at += kPage) static_cast<volatile char*>(memory)[at] = 1;
  munmap(memory, bytes);
}

template <typename Game, typename... Arguments>
Rounds play(Arguments... arguments) {
  auto made = std::make_shared<Game>(arguments...);
  return [made](long rounds) {
    for (long i = 0; i < rounds; ++i) made->round();
  };
}

} // namespace

Rounds system_calls() {
  return [](long rounds) {
    for (long i = 0; i < rounds; ++i) syscall(SYS_getppid);
  };
}
Rounds page_faults() { return fault_pages; }
Rounds coroutine_switches() { return play<Coroutine>(); }
Rounds context_switches() { return play<Context>(); }
Rounds ping_pong(PartnerKind kind, int cpu, std::size_t working_set) { return play<PingPong>(kind, cpu, working_set); }
Rounds ping_pong_alone(PartnerKind kind, std::size_t working_set) { return play<Alone>(kind, working_set); }
Rounds futex_ping_pong(int cpu) { return play<FutexPair>(cpu); }

} // namespace ctxray
