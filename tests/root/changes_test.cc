// SPDX-License-Identifier: GPL-2.0-or-later
// Samples of changes against whole samples of the same targets.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <memory>

#include "tests/root/support.h"
#include "userspace/tui/board.h"

namespace ctxray {
namespace {

bool is_quiet(const Sample& sample, std::uint32_t pid) {
  return std::any_of(sample.quiet.begin(), sample.quiet.end(),
                     [&](const ProcessIdentity& identity) { return identity.pid == pid; });
}

TEST(Changes, SleepersAreQuietAndWorkersAreNot) {
  Child sleeper({"sleep", "1000"}), spinner({kWorkloads + "spin", "1", "100000"});
  spinner.read_line();
  Tracer tracer = make_tracer();
  tracer.seed({sleeper.id(), spinner.id()});
  EXPECT_EQ(tracer.read_changes().processes.size(), 2U);
  Sample later;
  while (!is_quiet(later, sleeper.id())) later = tracer.read_changes();
  EXPECT_FALSE(is_quiet(later, spinner.id()));
  EXPECT_EQ(later.processes.size(), 1U);
}

// Until a process that was stopped has left its CPUs for good.
void await_standstill(pid_t pid) {
  const timespec pause = {0, 20'000'000};
  for (std::uint64_t before = 0, now = 1; before != now;) {
    before = kernel_figures(pid).timeslices;
    nanosleep(&pause, nullptr);
    now = kernel_figures(pid).timeslices;
  }
}

// Many intervals of changes, put together, say what one whole sample says.
TEST(Changes, AddUpToTheWhole) {
  Child program({kWorkloads + "sleepers", "20"});
  Child busy({kWorkloads + "pingpong", "1", "1000"});
  program.read_line();
  const auto player = static_cast<pid_t>(std::stol(busy.read_line()));
  Tracer tracer = make_tracer();
  tracer.seed({program.id(), busy.id()});
  tui::Board board;
  auto previous = std::make_shared<const Sample>(tracer.read_changes());
  for (int i = 0; i < 20; ++i) {
    const timespec pause = {0, 20'000'000};
    nanosleep(&pause, nullptr);
    auto current = std::make_shared<const Sample>(tracer.read_changes());
    board.add(current, previous);
    previous = current;
  }
  kill(-busy.pid(), SIGSTOP);
  await_standstill(player);
  auto current = std::make_shared<const Sample>(tracer.read_changes());
  board.add(current, previous);
  const Sample whole = tracer.read();
  for (const ProcessSample& process : whole.processes) {
    const auto ours = board.whole(tui::subject_of(process));
    ASSERT_TRUE(ours.has_value()) << process.comm;
    EXPECT_EQ(ours->totals.voluntary, process.totals.voluntary) << process.comm;
    EXPECT_EQ(ours->totals.involuntary, process.totals.involuntary) << process.comm;
    EXPECT_EQ(ours->totals.on_cpu_ns, process.totals.on_cpu_ns) << process.comm;
    EXPECT_EQ(ours->totals.on_cpu_ns + ours->totals.run_queue_ns + ours->totals.blocked_ns(), ours->totals.lifetime_ns);
    EXPECT_EQ(ours->threads.size(), process.threads.size());
  }
}

TEST(Changes, ProcessesThatEndAreToldOnce) {
  Child sleeper({"sleep", "1000"}), other({"sleep", "1000"});
  Tracer tracer = make_tracer();
  tracer.seed({sleeper.id(), other.id()});
  while (!is_quiet(tracer.read_changes(), other.id())) {
  }
  const std::uint32_t pid = sleeper.id();
  sleeper.send(SIGKILL);
  sleeper.wait();
  tracer.await_end(pid);
  const Sample after = tracer.read_changes();
  ASSERT_EQ(after.processes.size(), 1U);
  EXPECT_EQ(after.processes[0].pid, pid);
  EXPECT_TRUE(after.processes[0].ended);
  EXPECT_TRUE(is_quiet(after, other.id()));
  const Sample later = tracer.read_changes();
  EXPECT_TRUE(later.processes.empty());
  EXPECT_TRUE(is_quiet(later, other.id()));
}

} // namespace
} // namespace ctxray
