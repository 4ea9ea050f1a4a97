// SPDX-License-Identifier: GPL-2.0-or-later
// Reads when an event calls for it.
#include "userspace/session.h"

#include <malloc.h>

#include <utility>

namespace ctxray {

namespace {

// What samples of a crowd took goes back to the kernel once there are none any more: the allocator keeps what lies
// between that which stays.
void replace(SamplePtr& previous, SamplePtr current) {
  constexpr std::size_t kCrowd = 500;
  const std::size_t before = previous->processes.size(), now = current->processes.size();
  previous = std::move(current);
  if (before >= kCrowd && now < before / 2) malloc_trim(0);
}

} // namespace

SamplePtr watch(Source& source, Events& events, const Watchers& watchers) {
  const auto read = [&](bool changes = false) {
    if (watchers.before_read) watchers.before_read();
    return std::make_shared<const Sample>(changes ? source.read_changes() : source.read());
  };
  SamplePtr previous = read(watchers.changes);
  if (watchers.first) watchers.first(previous);
  for (;;) {
    switch (events.wait()) {
      case Events::Kind::kInterval: {
        SamplePtr current = read(watchers.changes);
        if (watchers.interval) watchers.interval(current, previous);
        replace(previous, std::move(current));
        break;
      }
      case Events::Kind::kDetails:
        source.drain();
        break;
      case Events::Kind::kInput:
        if (watchers.input && !watchers.input()) return read();
        break;
      case Events::Kind::kTargetEnded:
      case Events::Kind::kDeadline:
      case Events::Kind::kInterrupted:
        return read();
    }
  }
}

} // namespace ctxray
