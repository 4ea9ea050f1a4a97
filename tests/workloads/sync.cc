// SPDX-License-Identifier: GPL-2.0-or-later
// Threads that wait for one another: contended locks against workers without work.
#include <pthread.h>
#include <semaphore.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "common.h"

namespace {

using namespace workload;

constexpr int kThreads = 4;

template <typename Body>
void in_threads(int count, Body body) {
  std::vector<std::thread> all;
  for (int i = 0; i < count; ++i) all.emplace_back(body);
  for (std::thread& thread : all) thread.join();
}

// All work is done under one lock.
void mutex_compute(double length) {
  std::mutex lock;
  const double end = seconds() + length;
  in_threads(kThreads, [&] {
    while (seconds() < end) {
      const std::lock_guard guard(lock);
      compute_for(0.0005);
    }
  });
}

// A lock as runtimes build them: who does not get it spins a little, then parks on a futex of its own.
class Monitor {
 public:
  void enter() {
    for (int i = 0; i < kSpins; ++i)
      if (!held_.exchange(true)) return;
    Parked self;
    std::unique_lock guard(queue_lock_);
    waiting_.push_back(&self);
    while (held_.exchange(true)) {
      self.woken = false;
      self.changed.wait(guard, [&] { return self.woken; });
    }
    waiting_.erase(std::find(waiting_.begin(), waiting_.end(), &self));
  }
  void leave() {
    held_ = false;
    const std::lock_guard guard(queue_lock_);
    if (waiting_.empty()) return;
    waiting_.front()->woken = true;
    waiting_.front()->changed.notify_one();
  }

 private:
  struct Parked {
    std::condition_variable changed;
    bool woken = false;
  };
  static constexpr int kSpins = 2000;
  std::atomic<bool> held_ = false;
  std::mutex queue_lock_;
  std::vector<Parked*> waiting_;
};

// Nearly all work is done in one monitor; outside of it just so much that others get in.
void monitor(double length) {
  Monitor lock;
  const double end = seconds() + length;
  in_threads(kThreads, [&] {
    while (seconds() < end) {
      lock.enter();
      compute_for(0.0003);
      lock.leave();
      compute_for(0.00005);
    }
  });
}

// The holder sleeps.
void mutex_sleep(double length) {
  std::mutex lock;
  const double end = seconds() + length;
  in_threads(kThreads, [&] {
    while (seconds() < end) {
      {
        const std::lock_guard guard(lock);
        pause_for(0.002);
      }
      pause_for(0.0001);
    }
  });
}

struct Pool {
  std::mutex lock;
  std::condition_variable changed;
  int jobs = 0;
  bool ended = false;

  void work() {
    for (std::unique_lock guard(lock);;) {
      changed.wait(guard, [&] { return jobs > 0 || ended; });
      if (ended) return;
      --jobs;
      guard.unlock();
      compute_for(0.00005);
      guard.lock();
    }
  }
  void add() {
    const std::lock_guard guard(lock);
    ++jobs;
    changed.notify_one();
  }
  void end() {
    const std::lock_guard guard(lock);
    ended = true;
    changed.notify_all();
  }
};

template <typename Feed>
void with_pool(Feed feed) {
  Pool pool;
  std::vector<std::thread> workers;
  for (int i = 0; i < 2 * kThreads; ++i) workers.emplace_back(&Pool::work, &pool);
  feed(pool);
  pool.end();
  for (std::thread& worker : workers) worker.join();
}

// Workers without work.
void idle_pool(double length) {
  with_pool([length](Pool& pool) {
    for (const double end = seconds() + length; seconds() < end;) {
      pool.add();
      pause_for(0.02);
    }
  });
}

// The main thread computes while its workers have nothing to do.
void busy_main(double length) {
  with_pool([length](Pool& pool) {
    pool.add();
    compute_for(length);
  });
}

void semaphore_pool(double length) {
  sem_t jobs;
  sem_init(&jobs, 0, 0);
  std::atomic<bool> ended = false;
  std::vector<std::thread> workers;
  for (int i = 0; i < kThreads; ++i)
    workers.emplace_back([&] {
      while (!ended) sem_wait(&jobs);
    });
  for (const double end = seconds() + length; seconds() < end;) {
    sem_post(&jobs);
    pause_for(0.02);
  }
  ended = true;
  for (int i = 0; i < kThreads; ++i) sem_post(&jobs);
  for (std::thread& worker : workers) worker.join();
}

// Two threads that pass a turn to and fro by a condition.
void handover(double length) {
  std::mutex lock;
  std::condition_variable changed;
  std::atomic<int> entered = 0;
  int turn = 0;
  const double end = seconds() + length;
  in_threads(2, [&] {
    const int own = entered++;
    std::unique_lock guard(lock);
    while (seconds() < end) {
      changed.wait_for(guard, std::chrono::milliseconds(100), [&] { return turn == own; });
      turn = 1 - own;
      changed.notify_one();
    }
  });
}

// A semaphore that is used as a lock.
void semaphore_lock(double length) {
  sem_t lock;
  sem_init(&lock, 0, 1);
  const double end = seconds() + length;
  in_threads(kThreads, [&] {
    while (seconds() < end) {
      sem_wait(&lock);
      compute_for(0.0005);
      sem_post(&lock);
    }
  });
}

// All work is done under a lock of readers and writers, which is unfair: who has it often takes it again at once.
void read_write_lock(double length) {
  std::shared_mutex lock;
  const double end = seconds() + length;
  in_threads(kThreads, [&] {
    for (int i = 0; seconds() < end; ++i) {
      if (i % kThreads == 0) {
        const std::shared_lock guard(lock);
        compute_for(0.0001);
      } else {
        const std::lock_guard guard(lock);
        compute_for(0.0005);
      }
    }
  });
}

// Waits for the end of a thread that computes.
void join(double length) {
  in_threads(1, [length] { compute_for(length); });
}

// As many threads as there are CPUs, with nothing in common.
void parallel(double length) {
  in_threads(static_cast<int>(std::thread::hardware_concurrency()), [length] { compute_for(length); });
}

void crowded(double length) {
  const int cpus = static_cast<int>(std::thread::hardware_concurrency());
  in_threads(4 * cpus, [length] { compute_for(length / 4); });
}

// Four threads that compute, wait for the disk, and for one another.
void mixture(double length) {
  std::mutex lock;
  const double end = seconds() + length;
  const int fd = open_temporary(1 << 20);
  in_threads(kThreads, [&] {
    const std::vector<char> block(4096, 'z');
    while (seconds() < end) {
      compute_for(0.0003);
      {
        const std::lock_guard guard(lock);
        compute_for(0.0002);
      }
      if (pwrite(fd, block.data(), block.size(), 0) < 0 || fdatasync(fd) != 0) fail("disk");
      pause_for(0.002);
    }
  });
}

} // namespace

int main(int argc, char** argv) {
  return run_mode(argc, argv,
                  {{"mutex-compute", mutex_compute},
                   {"mutex-sleep", mutex_sleep},
                   {"monitor", monitor},
                   {"idle-pool", idle_pool},
                   {"busy-main", busy_main},
                   {"semaphore-pool", semaphore_pool},
                   {"semaphore-lock", semaphore_lock},
                   {"read-write-lock", read_write_lock},
                   {"handover", handover},
                   {"join", join},
                   {"parallel", parallel},
                   {"crowded", crowded},
                   {"mixture", mixture}});
}
