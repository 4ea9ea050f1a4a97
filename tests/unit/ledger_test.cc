// SPDX-License-Identifier: GPL-2.0-or-later
// What has ended is kept within bounds, and its sums for ever.
#include "probes/ledger.h"

#include <gtest/gtest.h>

#include <sstream>

#include "bpf/wire.h"
#include "probes/interrupts.h"

namespace ctxray {
namespace {

ProcessSample ended_process(std::uint32_t pid) {
  ProcessSample process;
  process.pid = pid;
  process.start_ns = pid;
  process.ended = true;
  process.threads_seen = 1;
  process.totals.voluntary = 1;
  return process;
}

TEST(Ledger, KeepsTheSumOfAMillionProcesses) {
  Ledger ledger;
  constexpr std::uint32_t kCount = 100'000;
  for (std::uint32_t pid = 1; pid <= kCount; ++pid) {
    ThreadSample thread;
    thread.tid = pid;
    ledger.add_thread(pid, pid, thread);
    ledger.add_process(ended_process(pid));
  }
  std::vector<ProcessSample> processes;
  ledger.append_processes(processes);
  EXPECT_EQ(processes.size(), Ledger::kMostProcesses + 1);
  Totals sum;
  for (const ProcessSample& process : processes) add(sum, process.totals);
  EXPECT_EQ(sum.voluntary, kCount);
  EXPECT_EQ(processes.front().threads.size(), 1U);
  EXPECT_EQ(processes.back().pid, 0U);
}

TEST(Ledger, OldThreadsGiveWayAndAreCounted) {
  Ledger ledger;
  for (std::uint32_t tid = 0; tid < Ledger::kMostThreads + 10; ++tid) {
    ThreadSample thread;
    thread.tid = tid;
    ledger.add_thread(7, 7, thread);
  }
  ProcessSample process = ended_process(7);
  ledger.append_threads(process);
  EXPECT_EQ(process.threads.size(), Ledger::kMostThreads);
  EXPECT_EQ(process.threads.front().tid, 10U);
  EXPECT_EQ(ledger.threads_dropped(), 10U);
}

TEST(InterruptNames, AreReadFromProc) {
  std::istringstream text(
      "           CPU0       CPU1       \n"
      " 36:          0      37387 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n"
      "LOC:       6752       7438   Local timer interrupts\n");
  const InterruptNames names(text);
  EXPECT_EQ(names.name(36), "36 virtio1-req.0");
  EXPECT_EQ(names.name(37), "37");
  EXPECT_EQ(names.name(WIRE_IRQ_LINES - 1), "other lines");
  EXPECT_EQ(names.name(std::uint32_t{WIRE_IRQ_LINES} + VECTOR_LOCAL_TIMER), "local_timer");
  EXPECT_EQ(names.name(WIRE_IRQ_LINES + WIRE_VECTORS + 3), "NET_RX");
}

} // namespace
} // namespace ctxray
