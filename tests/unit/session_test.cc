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
  const Sample last = watch(source, events, [&](const Sample& current, const Sample& previous) {
    intervals.emplace_back(previous.now_ns, current.now_ns);
  });
  EXPECT_EQ(intervals, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 2}, {2, 3}}));
  EXPECT_EQ(last.now_ns, 4U);
  EXPECT_EQ(source.drains, 1);
}

TEST(Watch, EveryEndGivesAReport) {
  for (const Events::Kind end : {Events::Kind::kTargetEnded, Events::Kind::kDeadline, Events::Kind::kInterrupted}) {
    CountingSource source;
    ScriptedEvents events({end});
    int hooks = 0;
    EXPECT_EQ(watch(source, events, {}, [&] { ++hooks; }).now_ns, 2U);
    EXPECT_EQ(hooks, 2);
  }
}

CallClass class_of_call(const std::string& name) {
  const std::vector<CallClass> classes = call_classes();
  for (std::uint32_t number = 0; number < classes.size(); ++number)
    if (syscall_name(number) == name) return classes[number];
  ADD_FAILURE() << name;
  return {};
}

TEST(WaitPolicy, KnowsTheCallsThatWait) {
  EXPECT_EQ(class_of_call("read").rule, CallRule::kAskFile);
  EXPECT_EQ(class_of_call("futex").rule, CallRule::kAskFutex);
  EXPECT_EQ(class_of_call("epoll_pwait").reason, Reason::kEvent);
  EXPECT_EQ(class_of_call("clock_nanosleep").reason, Reason::kSleep);
  EXPECT_EQ(class_of_call("io_uring_enter").reason, Reason::kAsync);
  EXPECT_EQ(class_of_call("fsync").reason, Reason::kDisk);
  EXPECT_EQ(class_of_call("getpid").reason, Reason::kOther);
}

TEST(WaitPolicy, EveryReasonHasItsOwnName) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) names.push_back(reason_name(static_cast<Reason>(i)));
  for (std::size_t i = 0; i < kReasons; ++i) EXPECT_EQ(std::count(names.begin(), names.end(), names[i]), 1);
}

} // namespace
} // namespace ctxray
