// SPDX-License-Identifier: GPL-2.0-or-later
// Targets that are stopped, traced and frozen, CPUs that go, and clocks that are set: no count and no time is off.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "probes/clock.h"
#include "tests/root/faults.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

// A program that switches as fast as it can, beside a tracer that follows it.
class Watched {
 public:
  explicit Watched(const std::function<void(pid_t)>& before = {}) {
    if (before) before(child_.pid());
    EXPECT_EQ(tracer_.seed({static_cast<std::uint32_t>(player_)}), 5U);
    before_first_ = kernel_figures(player_);
    first_ = tracer_.read().totals;
    after_first_ = kernel_figures(player_);
  }

  [[nodiscard]] pid_t player() const { return player_; }
  [[nodiscard]] pid_t group() const { return child_.pid(); }

  void play(std::uint64_t switches = 20'000) const {
    const std::uint64_t enough = kernel_figures(player_).voluntary + switches;
    while (kernel_figures(player_).voluntary < enough) usleep(5'000);
  }

  // Each figure of ours lies between what the kernel said just before and just after.
  Sample expect_exact() {
    const KernelFigures before = kernel_figures(player_);
    Sample last = tracer_.read();
    const KernelFigures after = kernel_figures(player_);
    const std::uint64_t voluntary = last.totals.voluntary - first_.voluntary;
    const std::uint64_t involuntary = last.totals.involuntary - first_.involuntary;
    EXPECT_GE(voluntary, before.voluntary - after_first_.voluntary);
    EXPECT_LE(voluntary, after.voluntary - before_first_.voluntary);
    EXPECT_GE(involuntary, before.involuntary - after_first_.involuntary);
    EXPECT_LE(involuntary, after.involuntary - before_first_.involuntary);
    expect_invariants(last);
    reached("switches", static_cast<double>(voluntary + involuntary));
    return last;
  }

  Sample read() { return tracer_.read(); }

 private:
  Child child_{{kWorkloads + "pingpong", "2", "6000"}};
  pid_t player_ = std::stoi(child_.read_line());
  Tracer tracer_ = make_tracer();
  KernelFigures before_first_, after_first_;
  Totals first_;
};

// Until it has left its CPUs for good.
void await_standstill(pid_t pid) {
  for (std::uint64_t before = 0, now = 1; before != now;) {
    before = kernel_figures(pid).timeslices;
    usleep(20'000);
    now = kernel_figures(pid).timeslices;
  }
}

TEST(Halts, StoppedTargetsStandStillAndGoOn) {
  Watched watched([](pid_t group) { kill(-group, SIGSTOP); });
  for (int times = 0; times < 5; ++times) {
    kill(-watched.group(), SIGSTOP);
    await_standstill(watched.player());
    const Sample stopped = watched.read();
    usleep(20'000);
    const Sample still = watched.read();
    EXPECT_EQ(stopped.totals.voluntary, still.totals.voluntary);
    EXPECT_EQ(stopped.totals.on_cpu_ns, still.totals.on_cpu_ns);
    EXPECT_EQ(stopped.wall.cpu_ns(), still.wall.cpu_ns());
    EXPECT_GT(still.wall.elapsed_ns, stopped.wall.elapsed_ns);
    kill(-watched.group(), SIGCONT);
    watched.play(2'000);
  }
  watched.expect_exact();
}

TEST(Halts, TracedTargetsAreCountedWithTheirTracersStops) {
  Watched watched;
  watched.play();
  {
    Child strace({"strace", "-f", "-q", "-o", "/dev/null", "-p", std::to_string(watched.player())});
    watched.play(2'000);
    watched.expect_exact();
    strace.send(SIGINT);
    strace.wait();
  }
  watched.play();
  watched.expect_exact();
}

// In a cgroup of the second version; where that has no freezer, in one of the first.
TEST(Halts, FrozenTargetsStandStillAndGoOn) {
  const fs::path unified = "/sys/fs/cgroup/unified", second = "/sys/fs/cgroup";
  const fs::path group = (fs::exists(unified) ? unified : second) / ("ctxray-test-" + std::to_string(getpid()));
  {
    Watched watched;
    fs::create_directory(group);
    std::ofstream(group / "cgroup.procs") << watched.player() << std::endl;
    for (int times = 0; times < 5; ++times) {
      std::ofstream(group / "cgroup.freeze") << 1 << std::endl;
      await_standstill(watched.player());
      const Sample frozen = watched.read();
      usleep(20'000);
      EXPECT_EQ(frozen.totals.voluntary, watched.read().totals.voluntary);
      std::ofstream(group / "cgroup.freeze") << 0 << std::endl;
      watched.play(2'000);
    }
    watched.expect_exact();
  }
  for (int tries = 0; tries < 500 && rmdir(group.c_str()) != 0; ++tries) usleep(10'000);
}

// A CPU that is taken away, and given back however the test ends: by a child that waits for that.
class LostCpu {
 public:
  LostCpu() {
    child_ = fork();
    if (child_ == 0) {
      char byte = 0;
      pipe_.write_end.reset();
      if (read(pipe_.read_end.get(), &byte, 1) >= 0) set(1);
      _exit(0);
    }
    pipe_.read_end.reset();
    taken_ = set(0);
  }
  ~LostCpu() {
    set(1);
    pipe_.write_end.reset();
    waitpid(child_, nullptr, 0);
  }
  LostCpu(const LostCpu&) = delete;
  LostCpu& operator=(const LostCpu&) = delete;

  static constexpr const char* kSwitch = "/sys/devices/system/cpu/cpu1/online";
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  static bool set(int online) { return static_cast<bool>(std::ofstream(kSwitch) << online << std::flush); }

  Pipe pipe_;
  pid_t child_ = -1;
  bool taken_ = false;
};

void move_to_cpu(pid_t pid, unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task"))
    sched_setaffinity(std::stoi(entry.path().filename()), sizeof(set), &set);
}

// Where no CPU can be taken away, all threads are driven from one CPU to another instead.
TEST(Halts, ACpuThatGoesTakesNoCountWithIt) {
  const int times = size_of(1, 5);
  Watched watched;
  const unsigned cpus = std::max(1U, std::thread::hardware_concurrency());
  int taken = 0;
  for (int i = 0; i < times; ++i) {
    watched.play(2'000);
    if (fs::exists(LostCpu::kSwitch)) {
      const LostCpu lost;
      taken += lost.taken() ? 1 : 0;
      watched.play(2'000);
    }
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
      move_to_cpu(watched.player(), cpu);
      watched.play(2'000);
    }
  }
  watched.expect_exact();
  reached("CPUs taken away", taken);
  reached("moves from CPU to CPU", times * static_cast<int>(cpus));
}

TEST(Halts, ACpuThatGoesWhileItIsAttachedTo) {
  if (fs::exists(LostCpu::kSwitch)) {
    const LostCpu lost;
    const JsonRun run = ctxray_json("run", {"--", kWorkloads + "pingpong", "2", "0.3"});
    expect_equals_last_words(run);
  }
  expect_equals_last_words(ctxray_json("run", {"--", kWorkloads + "pingpong", "2", "0.3"}));
}

// Set by so much, and set back by the monotonic clock, which nobody sets.
class SteppedClock {
 public:
  explicit SteppedClock(int seconds) : monotonic_(now(CLOCK_MONOTONIC)), real_(now(CLOCK_REALTIME)) {
    set(real_ + seconds * 1'000'000'000LL);
  }
  ~SteppedClock() { set(real_ + now(CLOCK_MONOTONIC) - monotonic_); }
  SteppedClock(const SteppedClock&) = delete;
  SteppedClock& operator=(const SteppedClock&) = delete;

 private:
  static std::int64_t now(clockid_t clock) { return static_cast<std::int64_t>(clock_ns(clock)); }
  static void set(std::int64_t ns) {
    const timespec time = {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
    EXPECT_EQ(clock_settime(CLOCK_REALTIME, &time), 0);
  }

  std::int64_t monotonic_, real_;
};

TEST(Halts, StepsOfTheClockAreInNoTime) {
  constexpr int kStep = 30;
  Watched watched;
  const std::uint64_t before = clock_ns(CLOCK_MONOTONIC);
  const Sample first = watched.read();
  for (const int seconds : {kStep, -kStep}) {
    const SteppedClock clock(seconds);
    watched.play(5'000);
  }
  const Sample last = watched.expect_exact();
  const std::uint64_t most = clock_ns(CLOCK_MONOTONIC) - before;
  EXPECT_GE(last.wall.elapsed_ns, first.wall.elapsed_ns);
  EXPECT_LE(last.wall.elapsed_ns - first.wall.elapsed_ns, most);
  EXPECT_LE(last.totals.lifetime_ns - first.totals.lifetime_ns, 5 * most);
  reached("seconds to and fro", kStep);
}

} // namespace
} // namespace ctxray
