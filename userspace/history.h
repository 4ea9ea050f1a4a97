// SPDX-License-Identifier: GPL-2.0-or-later
// The last seconds of a watch, since a verdict on the whole hides what changes.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "userspace/model.h"

namespace ctxray {

// The verdict on the last so many seconds.
struct RecentVerdict {
  std::uint64_t elapsed_ns = 0; // really looked at
  Verdict verdict;
};

struct Recent {
  std::vector<RecentVerdict> group;                              // shortest first; as many as have been seen
  std::map<std::uint32_t, std::vector<RecentVerdict>> processes; // of those that live, by pid
};

class History {
 public:
  // Samples come in the order of their time.
  void add(const Sample& sample);
  [[nodiscard]] bool empty() const { return moments_.empty(); }
  [[nodiscard]] Recent recent() const;

 private:
  using Identity = std::pair<std::uint32_t, std::uint64_t>; // pid, start
  struct Moment {
    std::uint64_t now_ns = 0;
    Evidence group;
    std::map<Identity, Evidence> processes;
  };
  std::deque<Moment> moments_;
};

} // namespace ctxray
