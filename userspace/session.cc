// SPDX-License-Identifier: GPL-2.0-or-later
// Reads when an event calls for it.
#include "userspace/session.h"

#include <utility>

namespace ctxray {

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
        previous = std::move(current);
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
