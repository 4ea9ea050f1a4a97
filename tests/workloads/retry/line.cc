// SPDX-License-Identifier: GPL-2.0-or-later
// Sends and receives datagrams.
#include "tests/workloads/retry/line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cmath>
#include <utility>

namespace retry {

using workload::check;

namespace {

constexpr const char* kNoServer = "no answer from 127.0.0.1 (start build/workloads/retry/server, give its port)";

// The kernel waits in ticks, so somewhat longer.
void limit_waits(int fd, double seconds) {
  timeval limit{};
  limit.tv_usec = static_cast<suseconds_t>(std::ceil(seconds * 1e6));
  check(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), "SO_RCVTIMEO");
}

} // namespace

Line::Line(unsigned short port) : fd_(check(socket(AF_INET, SOCK_DGRAM, 0), "socket")) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "connect");
}

Line::Line(Line&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Line::~Line() {
  if (fd_ >= 0) close(fd_);
}

void Line::send(const Attempt& attempt) const {
  check(static_cast<int>(::send(fd_, &attempt.request, sizeof(attempt.request), 0)), kNoServer);
}

bool Line::wait_for_answer(const Attempt& attempt) const {
  for (;;) {
    const double rest = attempt.ends - workload::seconds();
    if (rest <= 0) return false;
    limit_waits(fd_, rest);
    if (receive(attempt, 0)) return true;
  }
}

bool Line::take_answer(const Attempt& attempt) const { return receive(attempt, MSG_DONTWAIT); }

// An answer to an attempt that was given up is as good as one to this, but one to another question is none.
bool Line::receive(const Attempt& attempt, int flags) const {
  Datagram answer;
  const ssize_t size = recv(fd_, &answer, sizeof(answer), flags);
  if (size < 0 && errno != EAGAIN) workload::fail(kNoServer);
  return size == sizeof(answer) && answer.question == attempt.request.question;
}

} // namespace retry
