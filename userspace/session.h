// SPDX-License-Identifier: GPL-2.0-or-later
// The loop of every command that watches a target: reads a sample each interval until the end.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "userspace/sample.h"

namespace ctxray {

// Where samples come from.
class Source {
 public:
  virtual ~Source() = default;
  virtual Sample read() = 0;
  // Takes in the details that wait, such as those of ended threads, before they take up too much room.
  virtual void drain() = 0;
};

// What the loop waits for.
class Events {
 public:
  enum class Kind : std::uint8_t {
    kInterval,    // the interval is over
    kDetails,     // details wait to be read
    kTargetEnded, // nobody is left to watch, or the launched command has ended
    kDeadline,    // the duration is over
    kInterrupted, // the user wants the report now
  };
  virtual ~Events() = default;
  virtual Kind wait() = 0;
};

// Called at the end of each interval with its two samples.
using IntervalSink = std::function<void(const Sample& current, const Sample& previous)>;

// Watches until the target has ended, the time is over or the user interrupts; returns the last sample.
// `before_read` runs before each read.
Sample watch(Source& source, Events& events, const IntervalSink& sink, const std::function<void()>& before_read = {});

} // namespace ctxray
