// SPDX-License-Identifier: GPL-2.0-or-later
// Nearly all counters of a sleeper are 0: those are left out.
#include "userspace/resting.h"

namespace ctxray {

Resting::Counters::Counters(const Totals& all, const Histograms& lengths) : totals(all) {
  histograms.reserve(lengths.size());
  for (const auto& [reason, histogram] : lengths) histograms.emplace_back(reason, Packed<Histogram>(histogram));
}

Histograms Resting::Counters::restore_histograms() const {
  Histograms restored;
  for (const auto& [reason, histogram] : histograms) restored[reason] = histogram.unpack();
  return restored;
}

Resting::Resting(const ProcessSample& process) : facts_(process), counters_(process.totals, process.histograms) {
  threads_.reserve(process.threads.size());
  for (const ThreadSample& thread : process.threads)
    threads_.push_back({thread, Counters(thread.totals, thread.histograms)});
}

ProcessSample Resting::restore() const {
  ProcessSample process;
  static_cast<ProcessFacts&>(process) = facts_;
  process.totals = counters_.totals.unpack();
  process.histograms = counters_.restore_histograms();
  process.threads.reserve(threads_.size());
  for (const Thread& thread : threads_) {
    ThreadSample& restored = process.threads.emplace_back();
    static_cast<ThreadFacts&>(restored) = thread.facts;
    restored.totals = thread.counters.totals.unpack();
    restored.histograms = thread.counters.restore_histograms();
  }
  return process;
}

} // namespace ctxray
