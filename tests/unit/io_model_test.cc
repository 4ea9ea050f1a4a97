// SPDX-License-Identifier: GPL-2.0-or-later
// The I/O model of programs whose style is known.
#include "userspace/io_model.h"

#include <gtest/gtest.h>

#include "tests/unit/samples.h"

namespace ctxray {
namespace {

Totals one_second() {
  Totals totals;
  totals.lifetime_ns = kSecond;
  totals.on_cpu_ns = kSecond / 10;
  return totals;
}

std::uint64_t& transfers(Totals& totals, Transfer kind) {
  return totals.calls.transfers[static_cast<std::size_t>(kind)];
}

TEST(IoModel, NoneWhereThereIsNoIo) {
  Totals totals = one_second();
  transfers(totals, Transfer::kFile) = 10; // what the loader reads
  EXPECT_EQ(name_io_model(totals, true).name, "none");
  EXPECT_NE(name_io_model(totals, false).evidence.find("not looked at"), std::string::npos);
}

TEST(IoModel, Blocking) {
  Totals totals = one_second();
  set_wait(totals, Reason::kNetwork, 100, kSecond * 9 / 10);
  transfers(totals, Transfer::kNetwork) = 200;
  const IoModel model = name_io_model(totals, true);
  EXPECT_EQ(model.name, "blocking");
  EXPECT_EQ(model.evidence, "100 I/O calls waited inside the call, for 900 ms in all");
}

TEST(IoModel, PollingByEagain) {
  Totals totals = one_second();
  totals.on_cpu_ns = kSecond;
  totals.calls.all = 1'000'200;
  totals.calls.would_block = 1'000'000;
  transfers(totals, Transfer::kNetwork) = 200;
  EXPECT_EQ(name_io_model(totals, true).name, "non-blocking polling");
}

// A program that computes, with a few calls of its runtime's at the start.
TEST(IoModel, AnEmptyPollIsNoPolling) {
  Totals totals = one_second();
  totals.on_cpu_ns = kSecond;
  totals.calls.all = 90;
  totals.calls.multiplex = 1;
  totals.calls.multiplex_empty = 1;
  transfers(totals, Transfer::kFile) = 9;
  EXPECT_EQ(name_io_model(totals, true).name, "none");
}

// An idle server's loop, beside threads that wait for work.
TEST(IoModel, AnIdlePoolHidesNoLoop) {
  Totals totals = one_second();
  totals.lifetime_ns = 5 * kSecond;
  totals.calls.all = 40;
  totals.calls.multiplex = 20;
  set_wait(totals, Reason::kEvent, 20, kSecond);
  set_event(totals, EventEnd::kTimeout, 19, kSecond * 9 / 10);
  set_wait(totals, Reason::kParked, 4, 4 * kSecond);
  EXPECT_EQ(name_io_model(totals, true).name, "multiplexing");
}

// As in runtimes whose helpers wait for signals while a thread computes.
TEST(IoModel, AnIdleLoopBesideAThreadThatComputesIsNone) {
  Totals totals = one_second();
  totals.lifetime_ns = 2 * kSecond;
  totals.on_cpu_ns = kSecond;
  totals.calls.all = 40;
  set_wait(totals, Reason::kEvent, 1, kSecond);
  totals.waits[static_cast<std::size_t>(Reason::kEvent)].under_way_ns = kSecond;
  EXPECT_EQ(name_io_model(totals, true).name, "none");
}

TEST(IoModel, PollingBetweenSleeps) {
  Totals totals = one_second();
  totals.on_cpu_ns = kSecond / 100;
  totals.calls.all = 2'000;
  totals.calls.would_block = 900;
  transfers(totals, Transfer::kPipe) = 10;
  set_wait(totals, Reason::kSleep, 900, kSecond * 9 / 10);
  EXPECT_EQ(name_io_model(totals, true).name, "non-blocking polling");
}

TEST(IoModel, MultiplexingReadsUntilEagainToo) {
  Totals totals = one_second();
  set_wait(totals, Reason::kEvent, 1'000, kSecond * 9 / 10);
  set_event(totals, EventEnd::kNetwork, 1'000, kSecond * 9 / 10);
  totals.calls.all = 4'000;
  totals.calls.multiplex = 1'000;
  totals.calls.multiplex_events = 1'500;
  totals.calls.would_block = 1'500;
  transfers(totals, Transfer::kNetwork) = 1'500;
  const IoModel model = name_io_model(totals, true);
  EXPECT_EQ(model.name, "multiplexing");
  EXPECT_NE(model.evidence.find("1.5 events"), std::string::npos) << model.evidence;
}

TEST(IoModel, AnIdleLoopBesideRealIoDoesNotNameIt) {
  Totals totals = one_second();
  totals.lifetime_ns = 4 * kSecond;
  set_wait(totals, Reason::kEvent, 3, 3 * kSecond, kSecond);
  set_event(totals, EventEnd::kTimeout, 2, 2 * kSecond);
  EXPECT_EQ(name_io_model(totals, true).name, "multiplexing");
  set_wait(totals, Reason::kDisk, 1'000, kSecond / 2);
  EXPECT_EQ(name_io_model(totals, true).name, "blocking");
}

TEST(IoModel, Asynchronous) {
  Totals totals = one_second();
  set_wait(totals, Reason::kAsync, 1'000, kSecond / 2);
  totals.calls.submits = 1'000;
  totals.calls.submitted = 16'000;
  EXPECT_EQ(name_io_model(totals, true).name, "asynchronous");
}

TEST(IoModel, MemoryMapped) {
  Totals totals = one_second();
  set_wait(totals, Reason::kPageFault, 1'000, kSecond / 2);
  EXPECT_EQ(name_io_model(totals, true).name, "memory-mapped");
}

TEST(IoModel, LoadingAProgramFromAColdDiskIsNotItsModel) {
  Totals totals = one_second();
  set_wait(totals, Reason::kPageFault, 300, kSecond / 10);
  EXPECT_EQ(name_io_model(totals, true).name, "none");
  set_wait(totals, Reason::kNetwork, 300, kSecond / 20);
  EXPECT_EQ(name_io_model(totals, true).name, "blocking");
}

TEST(IoModel, PageCache) {
  Totals totals = one_second();
  transfers(totals, Transfer::kFile) = 50'000;
  totals.calls.bytes[0] = 200'000'000;
  totals.calls.all = 50'000;
  const IoModel model = name_io_model(totals, true);
  EXPECT_EQ(model.name, "page cache");
  EXPECT_EQ(model.evidence, "50.0k file reads and writes, of which 0 waited for the disk");
}

TEST(IoModel, AMixtureNamesItsPartsWithTheirShares) {
  Totals totals = one_second();
  set_wait(totals, Reason::kDisk, 1'000, kSecond / 2);
  set_wait(totals, Reason::kPageFault, 1'000, kSecond / 2);
  const IoModel model = name_io_model(totals, true);
  EXPECT_EQ(model.name, "mixture");
  ASSERT_EQ(model.parts.size(), 2U);
  EXPECT_NEAR(model.parts[0].share + model.parts[1].share, 1, 1e-9);
}

} // namespace
} // namespace ctxray
