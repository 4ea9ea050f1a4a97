// SPDX-License-Identifier: GPL-2.0-or-later
// The order of places and reasons.
#include "userspace/places.h"

#include <algorithm>

#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

bool holds_up(Reason reason) { return wall_class(reason) == WallClass::kIo || wall_class(reason) == WallClass::kLock; }

} // namespace

bool matters_more(const SiteSample& a, const SiteSample& b) {
  const bool a_holds_up = holds_up(a.reason), b_holds_up = holds_up(b.reason);
  return a_holds_up != b_holds_up ? a_holds_up : a.total_ns > b.total_ns;
}

std::vector<PlaceOfWait> places_by_weight(const std::vector<const ProcessSample*>& processes) {
  std::vector<PlaceOfWait> places;
  for (const ProcessSample* process : processes)
    for (const SiteSample& site : process->sites)
      if (site.total_ns > 0) places.push_back({process, &site});
  std::stable_sort(places.begin(), places.end(),
                   [](const PlaceOfWait& a, const PlaceOfWait& b) { return matters_more(*a.site, *b.site); });
  return places;
}

const SiteSample* main_place(const ProcessSample& process) {
  const auto found = std::min_element(process.sites.begin(), process.sites.end(), matters_more);
  return found == process.sites.end() || found->total_ns == 0 ? nullptr : &*found;
}

const WaitTotal* main_wait(const Totals& totals, Reason& reason) {
  const WaitTotal* longest = nullptr;
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (totals.waits[i].total_ns == 0 || (longest != nullptr && longest->total_ns >= totals.waits[i].total_ns))
      continue;
    longest = &totals.waits[i];
    reason = static_cast<Reason>(i);
  }
  return longest;
}

} // namespace ctxray
