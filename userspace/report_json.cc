// SPDX-License-Identifier: GPL-2.0-or-later
// The report as JSON, schema ctxray.report/1.
#include <algorithm>
#include <string_view>
#include <utility>

#include "userspace/coroutines.h"
#include "userspace/json_parts.h"
#include "userspace/report.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

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

Json interrupt_list(const std::vector<InterruptSample>& interrupts) {
  Json list = Json::array();
  for (const InterruptSample& interrupt : interrupts) {
    Json per_cpu = Json::array();
    for (const InterruptOnCpu& cpu : interrupt.per_cpu)
      per_cpu.push_back({{"cpu", cpu.cpu}, {"count", cpu.count}, {"ns", cpu.total_ns}});
    list.push_back({{"name", interrupt.name},
                    {"count", interrupt.count},
                    {"timed", interrupt.timed},
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
  if (sample.hard) interrupts["on_target"] = on_target_json(sample.totals);
  return interrupts;
}

Json syscalls_json(const SystemSample& sample) {
  std::vector<SyscallSample> sorted = *sample.syscalls;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  Json list = Json::array();
  for (const SyscallSample& call : sorted) {
    list.push_back({{"name", call.name},
                    {"count", call.count},
                    {"errors", call.errors},
                    {"eagain", call.eagain},
                    {"eintr", call.eintr},
                    {"blocks", call.blocks},
                    {"blocked_ns", call.blocked_ns}});
    if (sample.call_sampling)
      list.back()["count_error"] = static_cast<std::uint64_t>(sample.call_sampling->error(call.count));
  }
  return list;
}

// running_ns[k]: time with k threads running, from k = 0 on.
Json running_json(const Wall& wall) {
  Json running = Json::array({wall.elapsed_ns - std::min(wall.elapsed_ns, wall.cpu_ns())});
  for (const std::uint64_t ns : wall.running_ns) running.push_back(ns);
  return running;
}

Json parallelism_json(const Wall& wall, const Judgement& judgement, std::uint64_t run_queue_ns) {
  return {{"running_ns", running_json(wall)},
          {"average", judgement.parallelism_average},
          {"in_flight_average", judgement.in_flight_average},
          {"cpus_allowed", judgement.cpus},
          {"starved_thread_ns", run_queue_ns}};
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

Json thread_json(const ThreadSample& thread, bool calls_known) {
  Json entry = {{"tid", thread.tid}, {"comm", thread.comm}, {"state", state_name(thread.state)}};
  if (thread.reason) entry["reason"] = reason_name(*thread.reason);
  if (thread.syscall) entry["syscall"] = call_name(*thread.syscall);
  const Judgement judgement = judge_thread(thread, calls_known);
  entry["verdict"] = verdict_json(judgement.verdict);
  entry["time"] = time_json(thread.totals);
  entry["switches"] = switches_json(thread.totals);
  entry["waits"] = waits_json(thread.totals, histograms_in(thread), nullptr);
  entry["io_model"] = io_model_json(judgement.io_model);
  return entry;
}

// Null: they are not probed.
Json coroutines_json(const Report& report, const Coroutines& coroutines, const Totals& totals,
                     std::uint64_t elapsed_ns) {
  if (!report.model.interval.coroutine_probing) return nullptr;
  Json switches = Json::array();
  for (const CoroutineSwitches& one : coroutines.switches)
    switches.push_back({{"runtime", one.runtime}, {"count", one.count}});
  Json json = {{"coroutine_switches", std::move(switches)},
               {"coroutine_switches_untold", coroutines.untold},
               {"coroutine_switches_per_kernel_switch", per_kernel_switch(coroutines, totals)},
               {"coroutine_probe_hits", coroutines.probe_hits},
               {"coroutine_probe_cost_share", probing_cost(coroutines, elapsed_ns)}};
  if (coroutines.loop_max_ns > 0) json["event_loop_away_max_ns"] = coroutines.loop_max_ns;
  if (const double events = events_per_wake(totals); events > 0) json["events_per_wake"] = events;
  return json;
}

// What is known of interpreters' locks; null: nothing.
Json gil_json(const std::vector<const ProcessSample*>& processes) {
  std::uint64_t gil_ns = 0;
  bool told = false, untold = false;
  for (const ProcessSample* process : processes) {
    gil_ns += process->totals.wait(Reason::kGil).total_ns;
    told = told || process->runtime == Runtime::kPython;
    untold = untold || process->runtime == Runtime::kPythonUntold;
  }
  Json runtime;
  if (told) runtime["python_gil_wait_ns"] = gil_ns;
  if (untold) runtime["python_gil_cannot_tell"] = true;
  return runtime;
}

// Null: nothing is known of the runtime.
Json runtime_json(const Report& report, const std::vector<const ProcessSample*>& processes, const Totals& totals,
                  std::uint64_t elapsed_ns) {
  Json runtime = gil_json(processes);
  Coroutines all;
  for (const ProcessSample* process : processes) add(all, process->coroutines);
  if (const Json coroutines = coroutines_json(report, all, totals, elapsed_ns); !coroutines.is_null())
    runtime.update(coroutines);
  return runtime;
}

Json process_json(const Report& report, std::size_t index) {
  const Sample& sample = report.model.interval;
  const ProcessSample& process = sample.processes[index];
  const Judgement& judgement = report.model.processes[index];
  Json entry = {{"pid", process.pid},
                {"ppid", process.ppid},
                {"comm", process.comm},
                {"command", process.command},
                {"ended", process.ended},
                {"kernel_thread", process.kernel_thread},
                {"threads_seen", process.threads_seen},
                {"elapsed_ns", process.wall.elapsed_ns},
                {"verdict", verdict_json(judgement.verdict)},
                {"wall", wall_json(process.wall)},
                {"time", time_json(process.totals)},
                {"switches", switches_json(process.totals)},
                {"waits", waits_json(process.totals, histograms_in(process.histograms), &process.sites)},
                {"wait_sites", sites_json(process.sites)}};
  if (sample.hard) entry["interrupts"] = {{"on_target", on_target_json(process.totals)}};
  entry["io_model"] = io_model_json(judgement.io_model);
  entry["parallelism"] = parallelism_json(process.wall, judgement, process.totals.run_queue_ns);
  if (const Json runtime = runtime_json(report, {&process}, process.totals, process.wall.elapsed_ns);
      !runtime.is_null())
    entry["runtime"] = runtime;
  if (const auto recent = report.recent.processes.find(process.pid);
      !process.ended && recent != report.recent.processes.end())
    entry["recent"] = recent_json(recent->second);
  if (sample.block) entry["block_io"] = block_json(process.block);
  entry["what_if"] = bounds_json(judgement.bounds);
  entry["advice"] = advice_json(judgement.advice);
  Json threads = Json::array();
  for (const ThreadSample& thread : process.threads)
    threads.push_back(thread_json(thread, sample.syscalls.has_value()));
  entry["threads"] = std::move(threads);
  return entry;
}

Json target_json(const Report& report) {
  Json target = {{"kind", kind_name(report.kind)}};
  if (!report.command.empty()) target["command"] = report.command;
  if (!report.pids.empty()) target["pids"] = report.pids;
  if (report.own_only) target["own_only"] = true;
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
  if (overhead.budget) {
    entry["budget"] = {{"share", overhead.budget->share}, {"left_out", Json::array()}};
    for (const Shed shed : overhead.budget->shed) entry["budget"]["left_out"].push_back(shed_name(shed));
  }
  return entry;
}

} // namespace

std::string json_report(const Report& report) {
  const Sample& sample = report.model.interval;
  const Judgement& group = report.model.group;
  std::vector<SiteSample> sites;
  std::vector<const ProcessSample*> processes;
  for (const ProcessSample& process : sample.processes) {
    sites.insert(sites.end(), process.sites.begin(), process.sites.end());
    processes.push_back(&process);
  }
  Json json = {{"schema", "ctxray.report/1"},
               {"tool", {{"version", report.version}, {"kernel", report.kernel}, {"cpus_online", sample.cpus_online}}},
               {"target", target_json(report)},
               {"elapsed_ns", sample.wall.elapsed_ns},
               {"verdict", verdict_json(group.verdict)},
               {"wall", wall_json(sample.wall)},
               {"time", time_json(sample.totals)},
               {"switches", switches_json(sample.totals)},
               {"waits", waits_json(sample.totals, histograms_in(sample.histograms), &sites)},
               {"interrupts", interrupts_json(sample)}};
  if (const std::optional<double> ns = switching_ns(report.costs, sample.totals))
    json["switches"]["estimated_cost_ns"] = static_cast<std::uint64_t>(*ns);
  if (!report.recent.group.empty()) json["recent"] = recent_json(report.recent.group);
  if (sample.syscalls) json["syscalls"] = syscalls_json(sample);
  if (sample.call_sampling) json["syscalls_seen_share"] = 1 / sample.call_sampling->weight;
  json["io_model"] = io_model_json(group.io_model);
  json["parallelism"] = parallelism_json(sample.wall, group, sample.totals.run_queue_ns);
  if (sample.block) json["block_io"] = block_sample_json(*sample.block);
  json["what_if"] = bounds_json(group.bounds);
  if (const Json runtime = runtime_json(report, processes, sample.totals, sample.wall.elapsed_ns); !runtime.is_null())
    json["runtime"] = runtime;
  if (sample.coroutine_probing) {
    json["coroutine_probes"] = sample.coroutine_probing->probes;
    json["coroutine_programs_without"] = sample.coroutine_probing->programs;
  }
  json["advice"] = advice_json(group.advice);
  json["processes"] = Json::array();
  for (std::size_t i = 0; i < sample.processes.size(); ++i) json["processes"].push_back(process_json(report, i));
  json["loss"] = {{"dropped", sample.loss.dropped},
                  {"map_full", sample.loss.map_full},
                  {"recursion_misses", sample.loss.recursion_misses},
                  {"unseeded", sample.loss.unseeded},
                  {"details_dropped", sample.loss.details_dropped},
                  {"inferred", sample.loss.inferred},
                  {"sites_full", sample.loss.sites_full},
                  {"requests_full", sample.loss.requests_full},
                  {"withheld", sample.loss.withheld}};
  json["overhead"] = overhead_json(sample.overhead);
  // Names come from targets: invalid UTF-8 in them must not make the document invalid, and it may go to a terminal,
  // some of which obey control characters beyond ASCII.
  constexpr bool kAsciiOnly = true;
  return json.dump(2, ' ', kAsciiOnly, Json::error_handler_t::replace) + "\n";
}

} // namespace ctxray
