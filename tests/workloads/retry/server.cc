// SPDX-License-Identifier: GPL-2.0-or-later
// An overloaded server: drops requests at random, most of them in a peak, and answers the others after a millisecond.
// A request's fate follows from its question, the number of its attempt and the seed: all clients have the same luck.
// Usage: server [PORT [SEED]]; prints its port.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/workloads/common.h"
#include "tests/workloads/retry/wire.h"

namespace {

using namespace workload;
using retry::Datagram;

constexpr double kServiceSeconds = 0.001;
constexpr double kDroppedWhenCalm = 0.50;
constexpr double kDroppedInPeak = 0.95;
constexpr std::uint32_t kQuestionsInPeak = 4; // as many lie between two peaks

bool in_peak(std::uint32_t question) { return question / kQuestionsInPeak % 2 == 1; }

// The finalizer of splitmix64: each bit of the result depends on each bit of the value.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

bool is_dropped(const Datagram& request, std::uint64_t seed) {
  const std::uint64_t random = mix(mix(seed) ^ (std::uint64_t{request.question} << 32 | request.attempt));
  const double chance = static_cast<double>(random >> 11) / static_cast<double>(std::uint64_t{1} << 53);
  return chance < (in_peak(request.question) ? kDroppedInPeak : kDroppedWhenCalm);
}

int listen_udp(unsigned short port) {
  const int fd = check(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  check(bind(fd, name, size), "cannot listen on this port of 127.0.0.1 (choose another, or 0 for any)");
  check(getsockname(fd, name, &size), "getsockname");
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

[[noreturn]] void serve(int fd, std::uint64_t seed) {
  for (;;) {
    Datagram request;
    sockaddr_in client{};
    socklen_t size = sizeof(client);
    auto* name = reinterpret_cast<sockaddr*>(&client);
    const ssize_t length = recvfrom(fd, &request, sizeof(request), 0, name, &size);
    check(static_cast<int>(length), "recvfrom");
    if (length != sizeof(request) || is_dropped(request, seed)) continue;
    pause_for(kServiceSeconds);
    sendto(fd, &request, sizeof(request), 0, name, size); // whoever asked may be gone
  }
}

} // namespace

int main(int argc, char** argv) {
  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  serve(listen_udp(static_cast<unsigned short>(port)), seed);
}
