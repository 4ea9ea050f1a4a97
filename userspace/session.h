// SPDX-License-Identifier: GPL-2.0-or-later
// The loop of every command that watches a target: reads a sample each interval until the end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "userspace/sample.h"

namespace ctxray {

// Where samples come from.
class Source {
 public:
  virtual ~Source() = default;
  virtual Sample read() = 0;
  // Cheaper where most is asleep: see Sample::quiet. Between two calls, nothing else may read.
  virtual Sample read_changes() { return read(); }
  // Takes in the details that wait, such as those of ended threads, before they take up too much room.
  virtual void drain() = 0;
};

// What the loop waits for.
class Events {
 public:
  enum class Kind : std::uint8_t {
    kInterval,    // the interval is over
    kInput,       // the terminal can be read, or has another size
    kDetails,     // details wait to be read
    kTargetEnded, // nobody is left to watch, or the launched command has ended
    kDeadline,    // the duration is over
    kInterrupted, // the user wants the report now
  };
  virtual ~Events() = default;
  virtual Kind wait() = 0;
};

using SamplePtr = std::shared_ptr<const Sample>;

struct Watchers {
  bool changes = false; // intervals need only what has changed; the last sample is whole all the same
  // Called with the first sample, at the beginning.
  std::function<void(const SamplePtr& sample)> first;
  // Called at the end of each interval with its two samples.
  std::function<void(const SamplePtr& current, const SamplePtr& previous)> interval;
  // Called before each read.
  std::function<void()> before_read;
  // Called when the user's terminal has something to say; false: that is enough.
  std::function<bool()> input;
};

// Watches until the target has ended, the time is over or the user has enough; returns the last sample.
SamplePtr watch(Source& source, Events& events, const Watchers& watchers);

} // namespace ctxray
