// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold in every snapshot, taken at any moment of busy targets.
#include <gtest/gtest.h>

#include "tests/root/support.h"

namespace ctxray {
namespace {

void expect_never_falls(const Totals& now, const Totals& before) {
  EXPECT_GE(now.lifetime_ns, before.lifetime_ns);
  EXPECT_GE(now.voluntary, before.voluntary);
  EXPECT_GE(now.involuntary, before.involuntary);
  EXPECT_GE(now.switch_thread, before.switch_thread);
}

void snapshot_often(const Command& workload, int snapshots) {
  Child child(workload);
  child.read_line();
  Tracer tracer = make_tracer();
  ASSERT_GT(tracer.seed({child.id()}), 0U);
  Sample before = tracer.read();
  for (int i = 0; i < snapshots; ++i) {
    const Sample now = tracer.read();
    expect_invariants(now);
    expect_never_falls(now.totals, before.totals);
    EXPECT_GE(now.wall.elapsed_ns, before.wall.elapsed_ns);
    before = now;
  }
}

TEST(Invariants, HoldWhileThreadsSwitchOnAllCpus) { snapshot_often({kWorkloads + "pingpong", "8", "600"}, 500); }

TEST(Invariants, HoldWhileThreadsCompete) { snapshot_often({kWorkloads + "spin", "6", "600", "0"}, 200); }

TEST(Invariants, HoldWhileProcessesComeAndGo) {
  const char* script = "echo ready; while :; do (:); (:) & wait; done";
  snapshot_often({"sh", "-c", script}, 200);
}

TEST(Invariants, HoldForTheWholeMachine) {
  Child child({kWorkloads + "pingpong", "2", "600"});
  child.read_line();
  Tracer tracer = make_tracer(true);
  ASSERT_GT(tracer.seed({}), 10U);
  for (int i = 0; i < 20; ++i) expect_invariants(tracer.read());
}

} // namespace
} // namespace ctxray
