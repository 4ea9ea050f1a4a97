// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets: clients and servers, blocking, multiplexing and polling. The other side is the process named "peer".
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

#include "common.h"

namespace {

using namespace workload;

constexpr double kAnswerSeconds = 0.020;

struct Listener {
  int fd;
  sockaddr_in address;
};

Listener listen_tcp() {
  Listener listener{check(socket(AF_INET, SOCK_STREAM, 0), "socket"), {}};
  listener.address.sin_family = AF_INET;
  listener.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(listener.address);
  auto* name = reinterpret_cast<sockaddr*>(&listener.address);
  check(bind(listener.fd, name, size), "bind");
  check(listen(listener.fd, 128), "listen");
  check(getsockname(listener.fd, name, &size), "getsockname");
  return listener;
}

int connect_to(const Listener& listener) {
  const int fd = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
  check(connect(fd, reinterpret_cast<const sockaddr*>(&listener.address), sizeof(listener.address)), "connect");
  return fd;
}

// Answers each byte, after a while or at once.
void answer(int fd, double delay) {
  for (char byte = 0; read(fd, &byte, 1) == 1;) {
    if (delay > 0) pause_for(delay);
    if (write(fd, &byte, 1) != 1) return;
  }
}

// A thread for each connection.
void serve(int listener, double delay) {
  for (;;) {
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) return;
    std::thread(answer, fd, delay).detach();
  }
}

void ask(int fd) {
  char byte = 'a';
  if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) fail("request");
}

void client(double length) {
  const Listener listener = listen_tcp();
  const pid_t peer = start_peer([&] { serve(listener.fd, kAnswerSeconds); });
  const int fd = connect_to(listener);
  for (const double end = seconds() + length; seconds() < end;) ask(fd);
  stop_peer(peer);
}

// Many threads, each waiting for its own answer.
void threads(double length) {
  const Listener listener = listen_tcp();
  const pid_t peer = start_peer([&] { serve(listener.fd, kAnswerSeconds); });
  std::vector<std::thread> all;
  for (int i = 0; i < 32; ++i)
    all.emplace_back([&] {
      const int fd = connect_to(listener);
      for (const double end = seconds() + length; seconds() < end;) ask(fd);
    });
  for (std::thread& thread : all) thread.join();
  stop_peer(peer);
}

// A request ten times a second.
void quiet_server(double length) {
  const Listener listener = listen_tcp();
  const pid_t peer = start_peer([&] {
    for (;;) {
      pause_for(0.1);
      const int fd = connect_to(listener);
      ask(fd);
      close(fd);
    }
  });
  for (const double end = seconds() + length; seconds() < end;) {
    const int fd = check(accept(listener.fd, nullptr, nullptr), "accept");
    answer(fd, 0);
    close(fd);
  }
  stop_peer(peer);
}

// One thread that waits for many answers at once.
void epoll_client(double length) {
  constexpr int kConnections = 32;
  const Listener listener = listen_tcp();
  const pid_t peer = start_peer([&] { serve(listener.fd, kAnswerSeconds); });
  const int group = check(epoll_create1(0), "epoll_create1");
  char byte = 'a';
  for (int i = 0; i < kConnections; ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = connect_to(listener);
    check(epoll_ctl(group, EPOLL_CTL_ADD, event.data.fd, &event), "epoll_ctl");
    if (write(event.data.fd, &byte, 1) != 1) fail("write");
  }
  for (const double end = seconds() + length; seconds() < end;) {
    epoll_event events[kConnections];
    const int count = check(epoll_wait(group, events, kConnections, -1), "epoll_wait");
    for (int i = 0; i < count; ++i)
      if (read(events[i].data.fd, &byte, 1) != 1 || write(events[i].data.fd, &byte, 1) != 1) fail("request");
  }
  stop_peer(peer);
}

// Answers with little work; its clients come ten times a second.
void epoll_server(double length) {
  const Listener listener = listen_tcp();
  const pid_t peer = start_peer([&] {
    for (const int fd = connect_to(listener);;) {
      pause_for(0.1);
      ask(fd);
    }
  });
  const int group = check(epoll_create1(0), "epoll_create1");
  const auto add = [group](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    check(epoll_ctl(group, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  };
  add(listener.fd);
  for (const double end = seconds() + length; seconds() < end;) {
    epoll_event event{};
    if (check(epoll_wait(group, &event, 1, 500), "epoll_wait") == 0) continue;
    if (event.data.fd == listener.fd) {
      add(check(accept(listener.fd, nullptr, nullptr), "accept"));
      continue;
    }
    char byte = 0;
    if (read(event.data.fd, &byte, 1) != 1 || write(event.data.fd, &byte, 1) != 1) fail("answer");
  }
  stop_peer(peer);
}

// Asks again and again whether the answer is there.
void spin_client(double length) {
  const Listener listener = listen_tcp();
  const pid_t peer = start_peer([&] { serve(listener.fd, kAnswerSeconds); });
  const int fd = connect_to(listener);
  char byte = 'a';
  for (const double end = seconds() + length; seconds() < end;) {
    if (write(fd, &byte, 1) != 1) fail("write");
    while (recv(fd, &byte, 1, MSG_DONTWAIT) != 1) {
    }
  }
  stop_peer(peer);
}

// Waits for what never comes, for 20 ms at a time.
void timeouts(double length) {
  int ends[2];
  check(pipe(ends), "pipe");
  for (const double end = seconds() + length; seconds() < end;) {
    pollfd file = {ends[0], POLLIN, 0};
    check(poll(&file, 1, 20), "poll");
  }
}

void unix_client(double length) {
  int ends[2];
  check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
  const pid_t peer = start_peer([&] {
    close(ends[0]);
    answer(ends[1], kAnswerSeconds);
  });
  close(ends[1]);
  for (const double end = seconds() + length; seconds() < end;) ask(ends[0]);
  stop_peer(peer);
}

void unix_server(double length) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "ctxray-%d", getpid());
  const int listener = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  check(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), "bind");
  check(listen(listener, 8), "listen");
  const pid_t peer = start_peer([&] {
    const int fd = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    check(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), "connect");
    for (;;) {
      pause_for(0.05);
      ask(fd);
    }
  });
  const int fd = check(accept(listener, nullptr, nullptr), "accept");
  char byte = 0;
  for (const double end = seconds() + length; seconds() < end;)
    if (read(fd, &byte, 1) != 1 || write(fd, &byte, 1) != 1) fail("answer");
  stop_peer(peer);
}

// Datagrams: asks a server that answers late.
void udp_client(double length) {
  const int server = check(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  check(bind(server, name, size), "bind");
  check(getsockname(server, name, &size), "getsockname");
  const pid_t peer = start_peer([&] {
    for (char byte = 0;;) {
      sockaddr_in from{};
      socklen_t from_size = sizeof(from);
      if (recvfrom(server, &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &from_size) != 1) return;
      pause_for(kAnswerSeconds);
      sendto(server, &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), from_size);
    }
  });
  const int fd = check(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  char byte = 'a';
  for (const double end = seconds() + length; seconds() < end;) {
    check(static_cast<int>(sendto(fd, &byte, 1, 0, name, size)), "sendto");
    check(static_cast<int>(recv(fd, &byte, 1, 0)), "recv");
  }
  stop_peer(peer);
}

} // namespace

int main(int argc, char** argv) {
  return run_mode(argc, argv,
                  {{"client", client},
                   {"threads", threads},
                   {"quiet-server", quiet_server},
                   {"epoll-client", epoll_client},
                   {"epoll-server", epoll_server},
                   {"spin-client", spin_client},
                   {"timeouts", timeouts},
                   {"unix-client", unix_client},
                   {"unix-server", unix_server},
                   {"udp-client", udp_client}});
}
