// SPDX-License-Identifier: GPL-2.0-or-later
// A machine made up for the tests of the live view.
#pragma once

#include <memory>

#include "tests/unit/samples.h"
#include "userspace/tui/view.h"

namespace ctxray::tui {

inline ProcessSample process_like(const Wall& wall, std::uint32_t pid, std::uint32_t ppid, const std::string& name) {
  ProcessSample process;
  process.pid = pid;
  process.ppid = ppid;
  process.comm = name;
  process.command = "/usr/bin/" + name + " --option";
  process.user = "root";
  process.start_ns = pid;
  process.cpus_allowed = 2;
  process.threads_seen = 2;
  process.wall = wall;
  process.totals = evidence(wall).totals;
  process.totals.lifetime_ns = wall.elapsed_ns;
  for (std::uint32_t i = 0; i < 2; ++i) {
    ThreadSample thread;
    thread.tid = pid + i;
    thread.comm = i == 0 ? name : "worker";
    thread.start_ns = pid + i;
    thread.state = ThreadState::kBlocked;
    thread.reason = Reason::kSleep;
    thread.totals = process.totals;
    process.threads.push_back(thread);
  }
  return process;
}

// A reader of a file, a process that computes, one that sleeps and has a hostile name, and one that has just ended.
inline Sample machine_sample() {
  Sample sample = reading_sample();
  sample.load = {0.5, 0.25, 0.125};
  sample.processes[0].user = "postgres";
  sample.processes.push_back(process_like(wall_of(100, 0, 0, 0, 0), 700, 1, "spinner"));
  sample.processes.push_back(process_like(wall_of(0, 0, 0, 0, 0), 701, 700, "\033[2Jn\xff\u65e5\u672c\u202e"));
  sample.processes.push_back(process_like(wall_of(10, 60, 0, 0, 0), 702, 700, "gone"));
  sample.processes.back().ended = true;
  sample.processes.push_back(process_like(wall_of(5, 5, 10, 10, 60), 703, 1, "locker"));
  sample.cpus = {{0, 900'000'000, 10, 20, 30, 6'000'000, {}}, {1, 100'000'000, 1, 2, 3, 6'000, {}}};
  sample.cpus[0].run_queue[16] = 60;
  return sample;
}

inline Board machine_board(const Sample& sample = machine_sample()) {
  Board board;
  board.add(std::make_shared<const Sample>(sample), std::make_shared<const Sample>());
  return board;
}

inline UiState state_of(std::size_t columns, std::size_t rows) {
  UiState state;
  state.columns = columns;
  state.rows = rows;
  return state;
}

} // namespace ctxray::tui
