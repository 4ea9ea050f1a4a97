// SPDX-License-Identifier: GPL-2.0-or-later
// The table of system calls: complete for every architecture, and right where it is easily got wrong.
#include "userspace/wait_policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

namespace ctxray {
namespace {

using Entry = std::pair<std::string_view, std::uint32_t>;

constexpr Entry kNative[] = {
#include "syscalls.inc"
};
constexpr Entry kCompat[] = {
#include "syscalls_compat.inc"
    {"read", 3}};
constexpr Entry kGeneric[] = {
// arm64 and riscv64
#include "syscalls_generic.inc"
};

// Names in the headers that are no calls.
bool is_call(std::string_view name) { return name != "syscalls" && name != "arch_specific_syscall"; }

template <std::size_t N>
void expect_complete(const Entry (&calls)[N]) {
  for (const auto& [name, number] : calls) {
    if (!is_call(name)) continue;
    EXPECT_TRUE(call_class(name)) << name << " is in no list of userspace/wait_policy.cc";
  }
}

TEST(WaitPolicy, HasEveryCallOfEveryArchitecture) {
  expect_complete(kNative);
  expect_complete(kCompat);
  expect_complete(kGeneric);
  EXPECT_FALSE(call_class("no_such_call"));
}

TEST(WaitPolicy, KnowsTheCallsThatWait) {
  EXPECT_EQ(call_class("read")->rule, CallRule::kAskFile);
  EXPECT_EQ(call_class("sendmsg")->rule, CallRule::kAskFileToSend);
  EXPECT_EQ(call_class("futex")->rule, CallRule::kAskFutex);
  EXPECT_EQ(call_class("splice")->rule, CallRule::kAskSplice);
  EXPECT_EQ(call_class("restart_syscall")->rule, CallRule::kAsBefore);
  EXPECT_EQ(call_class("epoll_pwait")->reason, Reason::kEvent);
  EXPECT_EQ(call_class("clock_nanosleep")->reason, Reason::kSleep);
  EXPECT_EQ(call_class("io_uring_enter")->reason, Reason::kAsync);
  EXPECT_EQ(call_class("io_uring_enter")->role, CallRole::kSubmit);
  EXPECT_EQ(call_class("fsync")->reason, Reason::kDisk);
  EXPECT_EQ(call_class("flock")->reason, Reason::kFileLock);
  EXPECT_EQ(call_class("vfork")->reason, Reason::kChild);
  EXPECT_EQ(call_class("getpid")->reason, Reason::kOther);
}

TEST(WaitPolicy, NumbersOf32BitCallsAreTheirOwn) {
  const std::vector<CallClass> classes = call_classes();
  ASSERT_EQ(classes.size(), 2 * kCompatCall);
#if defined(__x86_64__)
  EXPECT_EQ(classes[162].reason, Reason::kDisk); // sync
  EXPECT_EQ(classes[kCompatCall + 162].reason, Reason::kSleep);
  EXPECT_EQ(call_name(162), "sync");
  EXPECT_EQ(call_name(kCompatCall + 162), "nanosleep (32-bit)");
  EXPECT_EQ(call_name(kCompatCall + 511), "call 511 (32-bit)");
#endif
  EXPECT_EQ(call_name(511), "call 511");
}

// arm64 and riscv64 number them alike (include/uapi/asm-generic/unistd.h).
TEST(WaitPolicy, NumbersOfTheGenericTable) {
  const std::map<std::uint32_t, std::pair<std::string_view, Reason>> known = {
      {22, {"epoll_pwait", Reason::kEvent}}, {32, {"flock", Reason::kFileLock}},
      {73, {"ppoll", Reason::kEvent}},       {82, {"fsync", Reason::kDisk}},
      {101, {"nanosleep", Reason::kSleep}},  {115, {"clock_nanosleep", Reason::kSleep}},
      {260, {"wait4", Reason::kChild}},      {426, {"io_uring_enter", Reason::kAsync}}};
  for (const auto& [number, call] : known) {
    const auto found = std::find_if(std::begin(kGeneric), std::end(kGeneric),
                                    [number = number](const Entry& entry) { return entry.second == number; });
    ASSERT_NE(found, std::end(kGeneric)) << number;
    EXPECT_EQ(found->first, call.first);
    EXPECT_EQ(call_class(found->first)->reason, call.second) << call.first;
  }
#if defined(__aarch64__)
  const std::vector<CallClass> classes = call_classes();
  for (const auto& [number, call] : known) {
    EXPECT_EQ(call_name(number), call.first);
    EXPECT_EQ(classes[number].reason, call.second) << call.first;
  }
  EXPECT_EQ(classes[63].rule, CallRule::kAskFile);        // read
  EXPECT_EQ(classes[206].rule, CallRule::kAskFileToSend); // sendto
  EXPECT_EQ(classes[98].rule, CallRule::kAskFutex);       // futex
  EXPECT_EQ(classes[128].rule, CallRule::kAsBefore);      // restart_syscall
#endif
}

TEST(WaitPolicy, SocketsByWhoOpenedThem) {
  EXPECT_EQ(file_reason(FileKind::kInternet), Reason::kNetwork);
  EXPECT_EQ(file_reason(FileKind::kInternetServer), Reason::kRequest);
  EXPECT_EQ(file_reason(FileKind::kUnix), Reason::kPipe);
  EXPECT_EQ(file_reason(FileKind::kUnixServer), Reason::kRequest);
}

TEST(WaitPolicy, EveryReasonHasItsOwnName) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) names.push_back(reason_name(static_cast<Reason>(i)));
  for (std::size_t i = 0; i < kReasons; ++i) EXPECT_EQ(std::count(names.begin(), names.end(), names[i]), 1);
}

} // namespace
} // namespace ctxray
