// SPDX-License-Identifier: GPL-2.0-or-later
// The report as JSON, schema ctxray.report/1.
#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "userspace/histogram.h"
#include "userspace/report.h"

namespace ctxray {

namespace {

using Json = nlohmann::ordered_json;

std::string_view kind_name(TargetKind kind) {
  switch (kind) {
    case TargetKind::kRun:
      return "run";
    case TargetKind::kAttach:
      return "attach";
    case TargetKind::kSystem:
      return "system";
  }
  return "";
}

Json verdict_json(const Verdict& verdict) {
  return {{"class", verdict_name(verdict.verdict_class)},
          {"detail", verdict.detail},
          {"confidence", verdict.confidence},
          {"reasons", verdict.reasons}};
}

Json wall_json(const Wall& wall) {
  return {{"cpu_ns", wall.cpu_ns()},   {"starved_ns", wall.starved_ns}, {"io_ns", wall.io_ns},
          {"event_ns", wall.event_ns}, {"lock_ns", wall.lock_ns},       {"idle_ns", wall.idle_ns}};
}

Json time_json(const Totals& totals) {
  return {{"on_cpu_ns", totals.on_cpu_ns},
          {"run_queue_ns", totals.run_queue_ns},
          {"blocked_ns", totals.blocked_ns()},
          {"lifetime_ns", totals.lifetime_ns},
          {"wakeup_latency_ns", totals.wakeup_latency_ns}};
}

Json switches_json(const Totals& totals) {
  return {{"voluntary", totals.voluntary},
          {"involuntary", totals.involuntary},
          {"process", totals.switch_process},
          {"thread", totals.switch_thread},
          {"resume", totals.switch_resume}};
}

// Longest first. `histograms`: absent for threads, which have none.
Json waits_json(const Totals& totals, const PerReason<Histogram>* histograms) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < kReasons; ++i)
    if (totals.waits[i].count > 0 || totals.waits[i].total_ns > 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return totals.waits[a].total_ns > totals.waits[b].total_ns; });
  Json waits = Json::array();
  for (const std::size_t i : order) {
    const WaitTotal& wait = totals.waits[i];
    Json entry = {{"reason", reason_name(static_cast<Reason>(i))},
                  {"count", wait.count},
                  {"total_ns", wait.total_ns},
                  {"max_ns", wait.max_ns}};
    if (wait.under_way_ns > 0) entry["under_way_ns"] = wait.under_way_ns;
    if (static_cast<Reason>(i) == Reason::kEvent) {
      entry["timeouts"] = totals.event_timeouts;
      entry["timeout_ns"] = totals.event_timeout_ns;
    }
    if (histograms != nullptr) {
      const Histogram& histogram = (*histograms)[i];
      if (const auto p50 = percentile_ns(histogram, 0.50)) entry["p50_ns"] = *p50;
      if (const auto p99 = percentile_ns(histogram, 0.99)) entry["p99_ns"] = *p99;
      entry["histogram_log2_ns"] = histogram;
    }
    waits.push_back(std::move(entry));
  }
  return waits;
}

Json interrupt_list(const std::vector<InterruptSample>& interrupts) {
  Json list = Json::array();
  for (const InterruptSample& interrupt : interrupts) {
    Json per_cpu = Json::array();
    for (const InterruptOnCpu& cpu : interrupt.per_cpu)
      per_cpu.push_back({{"cpu", cpu.cpu}, {"count", cpu.count}, {"ns", cpu.total_ns}});
    list.push_back({{"name", interrupt.name},
                    {"count", interrupt.count},
                    {"ns", interrupt.total_ns},
                    {"per_cpu", std::move(per_cpu)}});
  }
  return list;
}

Json on_target_json(const Totals& totals) {
  return {{"hard_count", totals.hard_count},
          {"hard_ns", totals.hard_ns},
          {"soft_count", totals.soft_count},
          {"soft_ns", totals.soft_ns}};
}

Json interrupts_json(const Sample& sample) {
  Json interrupts = Json::object();
  if (sample.hard) interrupts["hard"] = interrupt_list(*sample.hard);
  if (sample.soft) interrupts["soft"] = interrupt_list(*sample.soft);
  if (sample.hard || sample.soft) interrupts["on_target"] = on_target_json(sample.totals);
  return interrupts;
}

Json syscalls_json(const std::vector<SyscallSample>& calls) {
  std::vector<SyscallSample> sorted = calls;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  Json list = Json::array();
  for (const SyscallSample& call : sorted)
    list.push_back({{"name", call.name}, {"count", call.count}, {"errors", call.errors}, {"eagain", call.eagain}});
  return list;
}

// running_ns[k]: time with k threads running, from k = 0 on.
Json running_json(const Wall& wall) {
  Json running = Json::array({wall.elapsed_ns - std::min(wall.elapsed_ns, wall.cpu_ns())});
  for (const std::uint64_t ns : wall.running_ns) running.push_back(ns);
  return running;
}

double per(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The most that one process may use, since a group has no mask of its own.
std::uint32_t cpus_allowed(const Sample& sample) {
  std::uint32_t most = 0;
  for (const ProcessSample& process : sample.processes) most = std::max(most, process.cpus_allowed);
  return std::min(most, sample.cpus_online);
}

Json parallelism_json(const Model& model) {
  return {{"running_ns", running_json(model.interval.wall)},
          {"average", model.parallelism_average},
          {"in_flight_average", model.in_flight_average},
          {"cpus_allowed", cpus_allowed(model.interval)}};
}

std::string_view state_name(ThreadState state) {
  switch (state) {
    case ThreadState::kEnded:
      return "ended";
    case ThreadState::kOnCpu:
      return "on CPU";
    case ThreadState::kRunQueue:
      return "run queue";
    case ThreadState::kBlocked:
      return "blocked";
  }
  return "";
}

Json thread_json(const ThreadSample& thread) {
  Json entry = {{"tid", thread.tid}, {"comm", thread.comm}, {"state", state_name(thread.state)}};
  if (thread.reason) entry["reason"] = reason_name(*thread.reason);
  entry["time"] = time_json(thread.totals);
  entry["switches"] = switches_json(thread.totals);
  entry["waits"] = waits_json(thread.totals, nullptr);
  return entry;
}

Json process_json(const ProcessSample& process, const Verdict& verdict, std::uint32_t cpus_online) {
  Json entry = {{"pid", process.pid},
                {"ppid", process.ppid},
                {"comm", process.comm},
                {"command", process.command},
                {"ended", process.ended},
                {"threads_seen", process.threads_seen},
                {"elapsed_ns", process.wall.elapsed_ns},
                {"verdict", verdict_json(verdict)},
                {"wall", wall_json(process.wall)},
                {"time", time_json(process.totals)},
                {"switches", switches_json(process.totals)},
                {"waits", waits_json(process.totals, &process.histograms)},
                {"interrupts", {{"on_target", on_target_json(process.totals)}}},
                {"parallelism",
                 {{"running_ns", running_json(process.wall)},
                  {"average", per(process.totals.on_cpu_ns, process.wall.elapsed_ns)},
                  {"cpus_allowed", std::min(process.cpus_allowed, cpus_online)}}}};
  Json threads = Json::array();
  for (const ThreadSample& thread : process.threads) threads.push_back(thread_json(thread));
  entry["threads"] = std::move(threads);
  return entry;
}

Json target_json(const Report& report) {
  Json target = {{"kind", kind_name(report.kind)}};
  if (!report.command.empty()) target["command"] = report.command;
  if (!report.pids.empty()) target["pids"] = report.pids;
  target["threads_seen"] = report.model.interval.threads_seen;
  target["processes_seen"] = report.model.interval.processes_seen;
  if (report.exit_status) target["exit_status"] = *report.exit_status;
  if (report.exit_signal) target["exit_signal"] = *report.exit_signal;
  return target;
}

Json overhead_json(const Overhead& overhead) {
  Json entry = {{"events", overhead.events}};
  if (overhead.bpf_ns) entry["bpf_ns"] = *overhead.bpf_ns;
  entry["own_cpu_ns"] = overhead.own_cpu_ns;
  return entry;
}

} // namespace

std::string json_report(const Report& report) {
  const Sample& sample = report.model.interval;
  Json json = {{"schema", "ctxray.report/1"},
               {"tool", {{"version", report.version}, {"kernel", report.kernel}, {"cpus_online", sample.cpus_online}}},
               {"target", target_json(report)},
               {"elapsed_ns", sample.wall.elapsed_ns},
               {"verdict", verdict_json(report.model.verdict)},
               {"wall", wall_json(sample.wall)},
               {"time", time_json(sample.totals)},
               {"switches", switches_json(sample.totals)},
               {"waits", waits_json(sample.totals, &sample.histograms)},
               {"interrupts", interrupts_json(sample)}};
  if (sample.syscalls) json["syscalls"] = syscalls_json(*sample.syscalls);
  json["parallelism"] = parallelism_json(report.model);
  json["processes"] = Json::array();
  for (std::size_t i = 0; i < sample.processes.size(); ++i)
    json["processes"].push_back(process_json(sample.processes[i], report.model.processes[i], sample.cpus_online));
  json["loss"] = {{"dropped", sample.loss.dropped},
                  {"map_full", sample.loss.map_full},
                  {"recursion_misses", sample.loss.recursion_misses},
                  {"unseeded", sample.loss.unseeded},
                  {"details_dropped", sample.loss.details_dropped},
                  {"inferred", sample.loss.inferred}};
  json["overhead"] = overhead_json(sample.overhead);
  // Names come from targets: invalid UTF-8 in them must not make the document invalid.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace ctxray
