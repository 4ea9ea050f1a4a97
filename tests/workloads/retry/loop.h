// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutines that wait for file descriptors, all in one thread: a wait suspends its coroutine, and where all of them
// wait the thread does so in epoll.
#pragma once

#include <sys/epoll.h>

#include <algorithm>
#include <cmath>
#include <coroutine>
#include <exception>

#include "tests/workloads/common.h"

namespace retry {

// Runs up to its first wait when it is called, and belongs to nobody.
struct Task {
  struct promise_type { // NOLINT(readability-identifier-naming): the language's name
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

class Loop {
 public:
  // `co_await` on it tells whether there is something to read; false: its time is up.
  class Wait {
   public:
    Wait(Loop& loop, int fd, double until) : loop_(loop), fd_(fd), until_(until) {}
    [[nodiscard]] bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) {
      coroutine_ = coroutine;
      loop_.suspend(*this);
    }
    [[nodiscard]] bool await_resume() const { return readable_; }

   private:
    friend class Loop;
    Loop& loop_;
    int fd_;
    double until_;
    bool readable_ = false;
    std::coroutine_handle<> coroutine_;
  };

  Loop() : epoll_(workload::check(epoll_create1(0), "epoll_create1")) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { close(epoll_); }

  void add(int fd) { control(EPOLL_CTL_ADD, fd, 0); }
  // `fd` was added; only one coroutine at a time waits for it.
  Wait readable(int fd, double until) { return {*this, fd, until}; }

  // Returns when no coroutine waits any more.
  void run() {
    while (!waits_.empty()) {
      mark_readable();
      for (Wait* wait : take_ended()) wait->coroutine_.resume();
    }
  }

 private:
  static constexpr int kEvents = 64;

  void control(int operation, int fd, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    workload::check(epoll_ctl(epoll_, operation, fd, &event), "epoll_ctl");
  }

  // Once only: what arrives when nobody waits for it must not wake the loop again and again.
  void suspend(Wait& wait) {
    waits_.push_back(&wait);
    control(EPOLL_CTL_MOD, wait.fd_, EPOLLIN | EPOLLONESHOT);
  }

  void mark_readable() {
    const Wait* first = *std::min_element(waits_.begin(), waits_.end(), ends_before);
    const double rest_ms = std::max(0.0, std::ceil((first->until_ - workload::seconds()) * 1e3));
    epoll_event events[kEvents];
    const int count = workload::check(epoll_wait(epoll_, events, kEvents, static_cast<int>(rest_ms)), "epoll_wait");
    for (int i = 0; i < count; ++i)
      for (Wait* wait : waits_)
        if (wait->fd_ == events[i].data.fd) wait->readable_ = true;
  }

  std::vector<Wait*> take_ended() {
    const double now = workload::seconds();
    const auto ended = std::stable_partition(waits_.begin(), waits_.end(),
                                             [now](const Wait* w) { return !w->readable_ && now < w->until_; });
    std::vector<Wait*> taken(ended, waits_.end());
    waits_.erase(ended, waits_.end());
    return taken;
  }

  static bool ends_before(const Wait* a, const Wait* b) { return a->until_ < b->until_; }

  int epoll_;
  std::vector<Wait*> waits_; // each lies in its coroutine's frame
};

} // namespace retry
