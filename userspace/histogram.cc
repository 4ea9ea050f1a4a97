// SPDX-License-Identifier: GPL-2.0-or-later
// Walks the buckets up to the wanted share.
#include "userspace/histogram.h"

#include <numeric>

namespace ctxray {

std::optional<std::uint64_t> percentile_ns(const Histogram& histogram, double share) {
  const std::uint64_t count = std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0});
  if (count == 0) return std::nullopt;
  const double wanted = share * static_cast<double>(count);
  double seen = 0;
  for (std::size_t bucket = 0; bucket < histogram.size(); ++bucket) {
    const auto here = static_cast<double>(histogram[bucket]);
    if (here > 0 && seen + here >= wanted) {
      const auto low = static_cast<double>(bucket == 0 ? 0 : std::uint64_t{1} << bucket);
      const auto high = static_cast<double>(std::uint64_t{2} << bucket);
      return static_cast<std::uint64_t>(low + (high - low) * (wanted - seen) / here);
    }
    seen += here;
  }
  return std::uint64_t{1} << (histogram.size() - 1);
}

const Histogram& histogram_in(const Histograms& histograms, Reason reason) {
  static constexpr Histogram kNone{};
  const auto found = histograms.find(reason);
  return found == histograms.end() ? kNone : found->second;
}

} // namespace ctxray
