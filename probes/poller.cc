// SPDX-License-Identifier: GPL-2.0-or-later
// One epoll over signalfd, timerfds, the ring's descriptor and the command's pidfd.
#include "probes/poller.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "userspace/error.h"

namespace ctxray {

namespace {

timespec to_timespec(std::uint64_t ns) {
  return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

void set_timer(const Fd& timer, std::uint64_t first_ns, std::uint64_t repeat_ns) {
  const itimerspec setting = {to_timespec(repeat_ns), to_timespec(first_ns)};
  if (!timer || timerfd_settime(timer.get(), 0, &setting, nullptr) != 0) throw Error("cannot set a timer", errno);
}

Fd make_timer(std::uint64_t ns, bool repeat) {
  if (ns == 0) return {};
  Fd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  set_timer(timer, ns, repeat ? ns : 0);
  return timer;
}

void drain_timer(const Fd& timer) {
  std::uint64_t expirations = 0;
  if (read(timer.get(), &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
    throw Error("cannot read a timer", errno);
}

} // namespace

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  if (sigprocmask(SIG_BLOCK, &set, &previous_) != 0) throw Error("cannot block signals", errno);
  fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw Error("cannot read signals", errno);
  previous_pipe_ = std::signal(SIGPIPE, SIG_IGN);
}

Signals::~Signals() {
  std::signal(SIGPIPE, previous_pipe_);
  sigprocmask(SIG_SETMASK, &previous_, nullptr);
}

Poller::Poller(const Signals& signals, Sources sources)
    : signals_(signals),
      sources_(std::move(sources)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      interval_(make_timer(sources_.interval_ns, true)),
      deadline_(make_timer(sources_.duration_ns, false)) {
  if (!epoll_) throw Error("cannot wait for events", errno);
  for (const int fd :
       {signals.fd(), interval_.get(), deadline_.get(), sources_.message_fd, sources_.command_fd, sources_.terminal_fd})
    watch(fd);
}

void Poller::set_interval(std::uint64_t ns, std::uint64_t first_ns) { set_timer(interval_, first_ns, ns); }

void Poller::watch(int fd) {
  if (fd < 0) return;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) throw Error("cannot wait for events", errno);
}

// A signal from a terminal reaches the command too; one that was sent to us alone is passed on.
std::optional<Events::Kind> Poller::on_signal() {
  signalfd_siginfo info{};
  if (read(signals_.fd(), &info, sizeof(info)) != sizeof(info)) return std::nullopt;
  if (sources_.forward_to < 0) return Kind::kInterrupted;
  if (info.ssi_code <= 0) kill(sources_.forward_to, static_cast<int>(info.ssi_signo));
  return std::nullopt;
}

std::optional<Events::Kind> Poller::on_ready(int fd, std::uint32_t events) {
  if (fd == signals_.fd()) return on_signal();
  if (fd == sources_.command_fd) return Kind::kTargetEnded;
  if (fd == deadline_.get()) return Kind::kDeadline;
  // A terminal that is gone can be read for ever, and has nothing to say.
  if (fd == sources_.terminal_fd) return (events & (EPOLLHUP | EPOLLERR)) != 0 ? Kind::kInterrupted : Kind::kInput;
  if (fd == interval_.get()) {
    drain_timer(interval_);
    return Kind::kInterval;
  }
  if (sources_.target_alive && !sources_.target_alive()) return Kind::kTargetEnded;
  return Kind::kDetails;
}

Events::Kind Poller::wait() {
  if (sources_.target_alive && !sources_.target_alive()) return Kind::kTargetEnded;
  for (;;) {
    epoll_event event{};
    const int count = epoll_wait(epoll_.get(), &event, 1, -1);
    if (count < 0 && errno != EINTR) throw Error("cannot wait for events", errno);
    if (count < 0 && sources_.terminal_fd >= 0) return Kind::kInput;
    if (count <= 0) continue;
    if (const std::optional<Kind> kind = on_ready(event.data.fd, event.events)) return *kind;
  }
}

} // namespace ctxray
