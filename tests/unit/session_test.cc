// SPDX-License-Identifier: GPL-2.0-or-later
// The watching loop with a made-up source and made-up events.
#include "userspace/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "userspace/wait_policy.h"

namespace ctxray {
namespace {

class CountingSource : public Source {
 public:
  Sample read() override {
    Sample sample;
    sample.now_ns = ++reads;
    return sample;
  }
  void drain() override { ++drains; }
  std::uint64_t reads = 0;
  int drains = 0;
};

class ScriptedEvents : public Events {
 public:
  explicit ScriptedEvents(std::vector<Kind> script) : script_(std::move(script)) {}
  Kind wait() override { return script_.at(at_++); }

 private:
  std::vector<Kind> script_;
  std::size_t at_ = 0;
};

TEST(Watch, HandsOutEachIntervalAndReturnsTheLastSample) {
  CountingSource source;
  ScriptedEvents events(
      {Events::Kind::kInterval, Events::Kind::kDetails, Events::Kind::kInterval, Events::Kind::kTargetEnded});
  std::vector<std::pair<std::uint64_t, std::uint64_t>> intervals;
  Watchers watchers;
  watchers.interval = [&](const SamplePtr& current, const SamplePtr& previous) {
    intervals.emplace_back(previous->now_ns, current->now_ns);
  };
  const SamplePtr last = watch(source, events, watchers);
  EXPECT_EQ(intervals, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 2}, {2, 3}}));
  EXPECT_EQ(last->now_ns, 4U);
  EXPECT_EQ(source.drains, 1);
}

TEST(Watch, EveryEndGivesAReport) {
  for (const Events::Kind end : {Events::Kind::kTargetEnded, Events::Kind::kDeadline, Events::Kind::kInterrupted}) {
    CountingSource source;
    ScriptedEvents events({end});
    int hooks = 0;
    Watchers watchers;
    watchers.before_read = [&] { ++hooks; };
    EXPECT_EQ(watch(source, events, watchers)->now_ns, 2U);
    EXPECT_EQ(hooks, 2);
  }
}

TEST(Watch, GoesOnUntilTheUserLeaves) {
  CountingSource source;
  ScriptedEvents events({Events::Kind::kInput, Events::Kind::kInput});
  Watchers watchers;
  watchers.input = [inputs = 0]() mutable { return ++inputs < 2; };
  EXPECT_EQ(watch(source, events, watchers)->now_ns, 2U);
}

} // namespace
} // namespace ctxray
