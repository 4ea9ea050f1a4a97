// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps what verdicts rest on, for ten seconds.
#include "userspace/history.h"

#include <algorithm>
#include <array>

#include "userspace/counters.h"

namespace ctxray {

namespace {

constexpr std::array<std::uint64_t, 2> kWindowsNs = {1'000'000'000, 10'000'000'000};
constexpr std::uint64_t kSlackNs = 50'000'000; // a sample that comes a little early still closes its window

RecentVerdict judge_difference(Evidence now, const Evidence& before) {
  each_counter(now.wall, before.wall, kDifference);
  subtract(now.totals, before.totals);
  kDifference(now.lost, before.lost);
  kDifference(now.internal_pipe_ns, before.internal_pipe_ns);
  kDifference(now.requests_in_flight_ns, before.requests_in_flight_ns);
  return {now.wall.elapsed_ns, judge(now)};
}

} // namespace

void History::add(const Sample& sample) {
  Moment moment;
  moment.now_ns = sample.now_ns;
  moment.group = evidence_of(sample);
  for (const ProcessSample& process : sample.processes)
    if (!process.ended) moment.processes[{process.pid, process.start_ns}] = evidence_of(process, sample.cpus_online);
  moments_.push_back(std::move(moment));
  while (moments_.size() > 2 && moments_[1].now_ns + kWindowsNs.back() <= sample.now_ns) moments_.pop_front();
}

Recent History::recent() const {
  Recent recent;
  if (moments_.size() < 2) return recent;
  const Moment& now = moments_.back();
  for (const std::uint64_t window : kWindowsNs) {
    // The youngest moment that is old enough.
    const auto old_enough = [&](const Moment& moment) { return moment.now_ns + window <= now.now_ns + kSlackNs; };
    const auto found = std::find_if(moments_.rbegin(), moments_.rend(), old_enough);
    if (found == moments_.rend()) break;
    recent.group.push_back(judge_difference(now.group, found->group));
    for (const auto& [identity, evidence] : now.processes)
      if (auto before = found->processes.find(identity); before != found->processes.end())
        recent.processes[identity.first].push_back(judge_difference(evidence, before->second));
  }
  return recent;
}

} // namespace ctxray
