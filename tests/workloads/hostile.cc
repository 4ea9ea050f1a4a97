// SPDX-License-Identifier: GPL-2.0-or-later
// Waits at files and sockets, and is woken by a child, all with names meant to harm who shows them.
// Usage: hostile FOLDER [SECONDS]; its files are made in the folder.
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <thread>

#include "common.h"

namespace {

using namespace workload;

constexpr char kThreadName[] = "\033[31m\n\"\\\xff\xe2\x80\xae\a\xc2\x9b"; // 15 bytes, the most that the kernel keeps
static_assert(sizeof(kThreadName) == 16);
constexpr char kFileName[] = "f\033]0;x\a\n\"\\\xff\xe2\x80\xae\xe2\x80\x8b\xc2\x9b";

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

int bound_socket(const std::string& path) {
  const int fd = check(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
  const sockaddr_un address = address_of(path);
  check(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "bind");
  return fd;
}

// Wakes each of its parent's threads many times a second.
void disturb(const std::string& fifo, const std::string& lock, const std::string& socket_path) {
  prctl(PR_SET_NAME, kThreadName);
  const int pipe_end = check(open(fifo.c_str(), O_RDWR), "fifo"), locked = check(open(lock.c_str(), O_RDWR), "file");
  const int sender = check(socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
  const sockaddr_un address = address_of(socket_path);
  for (;;) {
    flock(locked, LOCK_EX);
    pause_for(0.003);
    flock(locked, LOCK_UN);
    if (write(pipe_end, "", 1) != 1) fail("write");
    sendto(sender, "", 1, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    pause_for(0.002);
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string folder = std::string(argv[1]) + "/";
  const std::string fifo = folder + "p" + kFileName, lock = folder + "l" + kFileName, path = folder + "s" + kFileName;
  check(mkfifo(fifo.c_str(), 0600), "mkfifo");
  const int pipe_end = check(open(fifo.c_str(), O_RDWR), "fifo");
  const int locked = check(open(lock.c_str(), O_RDWR | O_CREAT, 0600), "file"), receiver = bound_socket(path);
  start_peer([&] { disturb(fifo, lock, path); });
  prctl(PR_SET_NAME, kThreadName);
  std::thread([locked] {
    for (;; pause_for(0.0005)) {
      flock(locked, LOCK_EX);
      flock(locked, LOCK_UN);
    }
  }).detach();
  std::thread([receiver] {
    for (char byte = 0; recv(receiver, &byte, 1, 0) >= 0;) {
    }
  }).detach();
  std::puts("ready");
  std::fflush(stdout);
  const double end = seconds() + (argc > 2 ? std::atof(argv[2]) : 600);
  for (char byte = 0; seconds() < end;) check(static_cast<int>(read(pipe_end, &byte, 1)), "read");
  _exit(0);
}
