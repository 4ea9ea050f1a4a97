// SPDX-License-Identifier: GPL-2.0-or-later
// Reads when an event calls for it.
#include "userspace/session.h"

#include <utility>

namespace ctxray {

Sample watch(Source& source, Events& events, const IntervalSink& sink, const std::function<void()>& before_read) {
  const auto read = [&] {
    if (before_read) before_read();
    return source.read();
  };
  Sample previous = read();
  for (;;) {
    switch (events.wait()) {
      case Events::Kind::kInterval: {
        Sample current = read();
        if (sink) sink(current, previous);
        previous = std::move(current);
        break;
      }
      case Events::Kind::kDetails:
        source.drain();
        break;
      case Events::Kind::kTargetEnded:
      case Events::Kind::kDeadline:
      case Events::Kind::kInterrupted:
        return read();
    }
  }
}

} // namespace ctxray
