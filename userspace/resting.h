// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps the sample of a process in a quarter of its room until it is wanted again.
#pragma once

#include <utility>
#include <vector>

#include "userspace/packed.h"
#include "userspace/sample.h"

namespace ctxray {

class Resting {
 public:
  Resting() = default;
  explicit Resting(const ProcessSample& process);

  [[nodiscard]] ProcessSample restore() const;

  template <typename F>
  void each_thread(F f) const {
    for (const Thread& thread : threads_) f(thread.facts);
  }

 private:
  struct Counters {
    Counters() = default;
    Counters(const Totals& all, const Histograms& lengths);
    [[nodiscard]] Histograms restore_histograms() const;

    Packed<Totals> totals;
    std::vector<std::pair<Reason, Packed<Histogram>>> histograms;
  };
  struct Thread {
    ThreadFacts facts;
    Counters counters;
  };

  ProcessFacts facts_;
  Counters counters_;
  std::vector<Thread> threads_;
};

} // namespace ctxray
