// SPDX-License-Identifier: GPL-2.0-or-later
// Writes waits, places and judgements as JSON.
#include "userspace/json_parts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "userspace/describe.h"
#include "userspace/histogram.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

Json events_json(const Totals& totals) {
  static constexpr std::array<std::string_view, kEventEnds> kNames = {"timeout", "network",  "request",
                                                                      "pipe",    "terminal", "signal"};
  Json events = Json::object();
  for (std::size_t i = 0; i < kEventEnds; ++i)
    if (totals.events[i].count > 0)
      events[std::string(kNames[i])] = {{"count", totals.events[i].count}, {"total_ns", totals.events[i].total_ns}};
  return events;
}

Json ended_by_json(const std::array<std::uint64_t, kWakers>& ended_by) {
  static constexpr std::array<std::string_view, kWakers> kNames = {"task", "soft_interrupt", "interrupt", "timer",
                                                                   "unknown"};
  Json wakers = Json::object();
  for (std::size_t i = 0; i < kWakers; ++i)
    if (ended_by[i] > 0) wakers[std::string(kNames[i])] = ended_by[i];
  return wakers;
}

// Who ended the waits for each reason, as far as their places are known.
PerReason<std::array<std::uint64_t, kWakers>> wakers_of(const std::vector<SiteSample>& sites) {
  PerReason<std::array<std::uint64_t, kWakers>> wakers{};
  for (const SiteSample& site : sites)
    for (std::size_t i = 0; i < kWakers; ++i) wakers[static_cast<std::size_t>(site.reason)][i] += site.ended_by[i];
  return wakers;
}

} // namespace

Json waits_json(const Totals& totals, const HistogramOf& histogram_of, const std::vector<SiteSample>* sites) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < kReasons; ++i)
    if (totals.waits[i].count > 0 || totals.waits[i].total_ns > 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return totals.waits[a].total_ns > totals.waits[b].total_ns; });
  const auto wakers = sites == nullptr ? PerReason<std::array<std::uint64_t, kWakers>>{} : wakers_of(*sites);
  Json waits = Json::array();
  for (const std::size_t i : order) {
    const WaitTotal& wait = totals.waits[i];
    Json entry = {{"reason", reason_name(static_cast<Reason>(i))},
                  {"count", wait.count},
                  {"total_ns", wait.total_ns},
                  {"max_ns", wait.max_ns}};
    if (wait.under_way_ns > 0) entry["under_way_ns"] = wait.under_way_ns;
    if (static_cast<Reason>(i) == Reason::kEvent) entry["for"] = events_json(totals);
    if (const Json by = ended_by_json(wakers[i]); !by.empty()) entry["ended_by"] = by;
    if (const Histogram* histogram = histogram_of(static_cast<Reason>(i)); histogram != nullptr) {
      if (const auto p50 = percentile_ns(*histogram, 0.50)) entry["p50_ns"] = std::min(*p50, wait.max_ns);
      if (const auto p99 = percentile_ns(*histogram, 0.99)) entry["p99_ns"] = std::min(*p99, wait.max_ns);
      entry["histogram_log2_ns"] = *histogram;
    }
    waits.push_back(std::move(entry));
  }
  return waits;
}

HistogramOf histograms_in(const Histograms& histograms) {
  return [&histograms](Reason reason) { return &histogram_in(histograms, reason); };
}

HistogramOf histograms_in(const ThreadSample& thread) {
  return [&thread](Reason reason) {
    const auto found = thread.histograms.find(reason);
    return found == thread.histograms.end() ? nullptr : &found->second;
  };
}

Json sites_json(std::vector<SiteSample> sites) {
  constexpr std::size_t kMost = 32;
  std::stable_sort(sites.begin(), sites.end(), [](const auto& a, const auto& b) { return a.total_ns > b.total_ns; });
  if (sites.size() > kMost) sites.resize(kMost);
  Json list = Json::array();
  for (const SiteSample& site : sites) {
    Json entry = {{"reason", reason_name(site.reason)}};
    if (site.syscall) entry["syscall"] = call_name(*site.syscall);
    if (site.object && !is_futex(site)) entry["fd"] = *site.object;
    if (const std::string object = describe_object(site); !object.empty()) entry["object"] = object;
    entry["count"] = site.count;
    entry["total_ns"] = site.total_ns;
    entry["max_ns"] = site.max_ns;
    entry["ended_by"] = ended_by_json(site.ended_by);
    if (site.waker_pid != 0) {
      entry["waker"] = {{"pid", site.waker_pid}, {"tid", site.waker_tid}};
      if (!site.waker_name.empty()) entry["waker"]["comm"] = site.waker_name;
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json verdict_json(const Verdict& verdict) {
  return {{"class", verdict_name(verdict.verdict_class)},
          {"detail", verdict.detail},
          {"confidence", verdict.confidence},
          {"reasons", verdict.reasons}};
}

Json io_model_json(const IoModel& model) {
  Json parts = Json::array();
  for (const IoModel::Part& part : model.parts)
    parts.push_back({{"name", io_style_name(part.style)}, {"share", part.share}});
  return {{"name", model.name}, {"share", model.share}, {"evidence", model.evidence}, {"parts", std::move(parts)}};
}

Json bounds_json(const Bounds& bounds) {
  return {{"instant_io_speedup_max", bounds.instant_io},
          {"instant_cpu_speedup_max", bounds.instant_cpu},
          {"no_lock_speedup_max", bounds.no_lock},
          {"enough_cpus_speedup_max", bounds.enough_cpus}};
}

Json advice_json(const std::vector<Advice>& advice) {
  Json list = Json::array();
  for (const Advice& one : advice)
    list.push_back({{"do", one.action}, {"because", one.because}, {"gain_max", one.gain_max}});
  return list;
}

namespace {

// Some kernels do not tell when a request begins.
bool knows_queue(const BlockTotals& block) { return block.queued > 0 || block.requests == 0; }

} // namespace

Json block_json(const BlockTotals& block) {
  Json json = {{"requests", block.requests}, {"writes", block.writes}, {"bytes", block.bytes}};
  if (knows_queue(block)) json["queue_ns"] = block.queue_ns;
  json.update({{"device_ns", block.device_ns},
               {"overlapped_with_cpu_ns", block.overlapped_ns},
               {"wakeups", block.wakeups},
               {"completion_to_wakeup_ns", block.completion_ns},
               {"run_queue_ns", block.run_queue_ns},
               {"completion_to_running_ns", block.completion_ns + block.run_queue_ns}});
  return json;
}

Json block_sample_json(const BlockSample& block) {
  static constexpr std::array<std::string_view, kBlockStages> kNames = {"queue", "device", "completion_to_wakeup",
                                                                        "run_queue"};
  Json json = block_json(block.totals);
  Json stages = Json::object();
  for (std::size_t i = 0; i < kBlockStages; ++i) {
    if (static_cast<BlockStage>(i) == BlockStage::kQueue && !knows_queue(block.totals)) continue;
    const Histogram& histogram = block.stages[i];
    Json stage = {{"histogram_log2_ns", histogram}};
    if (const auto p50 = percentile_ns(histogram, 0.50)) stage["p50_ns"] = *p50;
    if (const auto p99 = percentile_ns(histogram, 0.99)) stage["p99_ns"] = *p99;
    stages[std::string(kNames[i])] = std::move(stage);
  }
  json["stages"] = std::move(stages);
  json["kernel_threads"] = {{"requests", block.kernel_requests}, {"bytes", block.kernel_bytes}};
  return json;
}

Json recent_json(const std::vector<RecentVerdict>& recent) {
  Json list = Json::array();
  for (const RecentVerdict& one : recent) {
    Json entry = {{"elapsed_ns", one.elapsed_ns}};
    entry.update(verdict_json(one.verdict));
    list.push_back(std::move(entry));
  }
  return list;
}

} // namespace ctxray
