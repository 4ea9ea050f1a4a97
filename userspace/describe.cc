// SPDX-License-Identifier: GPL-2.0-or-later
// Writes addresses, paths and wakers.
#include "userspace/describe.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "userspace/format.h"
#include "userspace/text.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

std::string endpoint(const FileIdentity& file, const std::array<std::uint8_t, 16>& address, std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(file.ipv6 ? AF_INET6 : AF_INET, address.data(), text.data(), text.size()) == nullptr) return "?";
  return file.ipv6 ? fmt::format("[{}]:{}", text.data(), port) : fmt::format("{}:{}", text.data(), port);
}

std::string describe_internet(const FileIdentity& file) {
  const std::string local = endpoint(file, file.local, file.local_port);
  const std::string_view protocol = file.stream ? "tcp" : "udp";
  if (!file.connected)
    return fmt::format("{} {}{}", protocol, local, file.kind == FileKind::kInternetServer ? " (listening)" : "");
  return fmt::format("{} {} {} {}", protocol, local, file.kind == FileKind::kInternetServer ? "<-" : "->",
                     endpoint(file, file.remote, file.remote_port));
}

std::string describe_unix(const FileIdentity& file) {
  std::string text = "unix socket";
  if (!file.name.empty()) text += " " + printable(file.name);
  if (file.peer_pid != 0) text += fmt::format(" (pid {})", file.peer_pid);
  return text;
}

bool is_sending(const SiteSample& site) {
  const std::optional<CallClass> call = site.syscall ? call_class(call_name(*site.syscall)) : std::nullopt;
  return call && call->rule == CallRule::kAskFileToSend;
}

std::string describe_task(const SiteSample& site) {
  const std::string pid = fmt::format("pid {}", site.waker_pid);
  return site.waker_name.empty() ? pid : fmt::format("{} ({})", pid, printable(site.waker_name));
}

} // namespace

std::string describe_file(const FileIdentity& file) {
  switch (file.kind) {
    case FileKind::kInternet:
    case FileKind::kInternetServer:
      return describe_internet(file);
    case FileKind::kUnix:
    case FileKind::kUnixServer:
      return describe_unix(file);
    case FileKind::kPipe:
      return file.name.empty() ? "pipe" : "fifo " + printable(file.name);
    case FileKind::kNetlink:
      return "netlink";
    case FileKind::kEpoll:
      return "epoll";
    case FileKind::kEventfd:
      return "eventfd";
    case FileKind::kTimerfd:
      return "timerfd";
    case FileKind::kSignalfd:
      return "signalfd";
    case FileKind::kInotify:
      return "inotify";
    case FileKind::kIoUring:
      return "io_uring";
    case FileKind::kUnknown:
      return "";
    default:
      return printable(file.name);
  }
}

bool is_futex(const SiteSample& site) {
  return site.object && (site.reason == Reason::kLock || site.reason == Reason::kJoin || site.reason == Reason::kGil);
}

std::string describe_object(const SiteSample& site) {
  if (!site.object) return "";
  if (is_futex(site)) return fmt::format("futex {:#x}", *site.object);
  if (site.file.kind == FileKind::kPipe && site.waker_pid != 0)
    return fmt::format("fd {}: pipe {} {}", *site.object, is_sending(site) ? "to" : "from", describe_task(site));
  const std::string file = describe_file(site.file);
  return file.empty() ? fmt::format("fd {}", *site.object) : fmt::format("fd {}: {}", *site.object, file);
}

std::string describe_place(const SiteSample& site) {
  std::string object = describe_object(site);
  if (site.reason == Reason::kGil) return "the GIL, " + object;
  if (is_futex(site)) return object;
  std::string place = site.syscall                        ? call_name(*site.syscall)
                      : site.reason == Reason::kPageFault ? "page fault"
                                                          : "no call";
  if (!object.empty()) place += " " + object;
  return place;
}

std::string describe_waker(const SiteSample& site) {
  const auto most = std::max_element(site.ended_by.begin(), site.ended_by.end());
  if (*most == 0) return "";
  switch (static_cast<Waker>(most - site.ended_by.begin())) {
    case Waker::kTask:
      return site.waker_pid == 0 ? "a task" : describe_task(site);
    case Waker::kSoftInterrupt:
      return "soft interrupt";
    case Waker::kInterrupt:
      return "interrupt";
    case Waker::kTimer:
      return "timer";
    case Waker::kUnknown:
      return "unknown";
  }
  return "";
}

} // namespace ctxray
