// SPDX-License-Identifier: GPL-2.0-or-later
// The sums are those of end_run() in bpf/site.bpf.h.
#include "probes/sites.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace ctxray {

namespace {

auto order_of(const site_key& key) { return std::tuple(key.slot, key.syscall, key.reason, key.object); }

void add(site& place, const site_run& run) {
  place.count += run.count;
  place.total_ns += run.total_ns;
  place.max_ns = std::max(place.max_ns, run.max_ns);
  std::uint32_t unknown = run.count;
  for (std::size_t i = 0; i < WAKER_UNKNOWN; ++i) {
    unknown -= run.ended_by[i];
    place.ended_by[i] += run.ended_by[i];
  }
  place.ended_by[WAKER_UNKNOWN] += unknown;
  if (place.waker == run.waker) {
    place.waker_votes += run.waker_votes;
  } else if (place.waker_votes >= run.waker_votes) {
    place.waker_votes -= run.waker_votes;
  } else {
    place.waker = run.waker;
    place.waker_votes = run.waker_votes - place.waker_votes;
  }
}

} // namespace

void append_runs(std::vector<site_run>& runs, const thread_rec& thread) {
  std::copy_if(std::begin(thread.runs), std::end(thread.runs), std::back_inserter(runs),
               [](const site_run& run) { return run.count > 0; });
}

std::uint64_t add_runs(std::vector<Site>& sites, const std::vector<site_run>& runs) {
  std::map<decltype(order_of({})), site*> by_key;
  for (Site& site : sites) by_key[order_of(site.key)] = &site.value;
  std::uint64_t unplaced = 0;
  for (const site_run& run : runs) {
    if (const auto found = by_key.find(order_of(run.key)); found != by_key.end())
      add(*found->second, run);
    else
      unplaced += run.count;
  }
  return unplaced;
}

} // namespace ctxray
