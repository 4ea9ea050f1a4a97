// SPDX-License-Identifier: GPL-2.0-or-later
// Files, futexes and wakers in words.
#include "userspace/describe.h"

#include <gtest/gtest.h>

namespace ctxray {
namespace {

FileIdentity connection(FileKind kind) {
  FileIdentity file;
  file.kind = kind;
  file.stream = true;
  file.connected = true;
  file.local = {127, 0, 0, 1};
  file.remote = {127, 0, 0, 1};
  file.local_port = 41'000;
  file.remote_port = 5'432;
  return file;
}

TEST(Describe, Connections) {
  EXPECT_EQ(describe_file(connection(FileKind::kInternet)), "tcp 127.0.0.1:41000 -> 127.0.0.1:5432");
  EXPECT_EQ(describe_file(connection(FileKind::kInternetServer)), "tcp 127.0.0.1:41000 <- 127.0.0.1:5432");
  FileIdentity listening = connection(FileKind::kInternetServer);
  listening.connected = false;
  EXPECT_EQ(describe_file(listening), "tcp 127.0.0.1:41000 (listening)");
  listening.stream = false;
  listening.ipv6 = true;
  listening.local = {};
  EXPECT_EQ(describe_file(listening), "udp [::]:41000 (listening)");
}

TEST(Describe, PipesNameTheOtherEnd) {
  SiteSample site;
  site.reason = Reason::kPipe;
  site.object = 1;
  site.syscall = 0;
  site.file.kind = FileKind::kPipe;
  EXPECT_EQ(describe_object(site), "fd 1: pipe");
  site.waker_pid = 812;
  site.waker_name = "gzip";
  EXPECT_EQ(describe_object(site).substr(0, 11), "fd 1: pipe ");
  EXPECT_NE(describe_object(site).find("pid 812 (gzip)"), std::string::npos);
}

TEST(Describe, NamesFromTargetsAreMadeSafe) {
  FileIdentity file;
  file.kind = FileKind::kRegular;
  file.name = "/tmp/\033[2J";
  EXPECT_EQ(describe_file(file).find('\033'), std::string::npos);
}

TEST(Describe, Futexes) {
  SiteSample site;
  site.reason = Reason::kLock;
  site.object = 0x7f00;
  EXPECT_EQ(describe_object(site), "futex 0x7f00");
  site.object.reset();
  EXPECT_EQ(describe_object(site), "");
}

TEST(Describe, WhoEndedMostWaits) {
  SiteSample site;
  EXPECT_EQ(describe_waker(site), "");
  site.ended_by[static_cast<std::size_t>(Waker::kTimer)] = 2;
  EXPECT_EQ(describe_waker(site), "timer");
  site.ended_by[static_cast<std::size_t>(Waker::kTask)] = 3;
  EXPECT_EQ(describe_waker(site), "a task");
  site.waker_pid = 7;
  EXPECT_EQ(describe_waker(site), "pid 7");
}

} // namespace
} // namespace ctxray
