// SPDX-License-Identifier: GPL-2.0-or-later
// Subtracts samples and judges the difference.
#include "userspace/model.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "userspace/counters.h"

namespace ctxray {

namespace {

using Identity = std::pair<std::uint32_t, std::uint64_t>; // a number and a start: never the same twice

void subtract(std::vector<ThreadSample>& threads, const std::vector<ThreadSample>& previous) {
  std::map<Identity, const ThreadSample*> before;
  for (const ThreadSample& thread : previous) before[{thread.tid, thread.start_ns}] = &thread;
  for (ThreadSample& thread : threads) {
    auto found = before.find({thread.tid, thread.start_ns});
    if (found == before.end()) continue;
    subtract(thread.totals, found->second->totals);
    each_counter(thread.histograms, found->second->histograms, kDifference);
  }
}

void subtract(std::vector<SiteSample>& sites, const std::vector<SiteSample>& previous) {
  const auto key = [](const SiteSample& site) { return std::tuple(site.reason, site.syscall, site.object); };
  std::map<decltype(key(SiteSample{})), const SiteSample*> before;
  for (const SiteSample& site : previous) before[key(site)] = &site;
  for (SiteSample& site : sites)
    if (auto found = before.find(key(site)); found != before.end()) each_counter(site, *found->second, kDifference);
  sites.erase(std::remove_if(sites.begin(), sites.end(), [](const SiteSample& site) { return site.count == 0; }),
              sites.end());
}

void subtract(Coroutines& value, const Coroutines& previous) {
  for (CoroutineSwitches& one : value.switches)
    for (const CoroutineSwitches& before : previous.switches)
      if (before.runtime == one.runtime) kDifference(one.count, before.count);
  kDifference(value.untold, previous.untold);
  kDifference(value.probe_hits, previous.probe_hits);
  kDifference(value.probe_ns, previous.probe_ns);
}

void subtract(ProcessSample& process, const ProcessSample& previous) {
  each_counter(process.wall, previous.wall, kDifference);
  subtract(process.totals, previous.totals);
  each_counter(process.histograms, previous.histograms, kDifference);
  each_counter(process.block, previous.block, kDifference);
  subtract(process.coroutines, previous.coroutines);
  subtract(process.sites, previous.sites);
  subtract(process.threads, previous.threads);
}

void subtract(std::vector<ProcessSample>& processes, const std::vector<ProcessSample>& previous) {
  std::map<Identity, const ProcessSample*> before;
  for (const ProcessSample& process : previous) before[{process.pid, process.start_ns}] = &process;
  for (ProcessSample& process : processes)
    if (auto found = before.find({process.pid, process.start_ns}); found != before.end())
      subtract(process, *found->second);
}

void subtract(std::vector<InterruptOnCpu>& value, const std::vector<InterruptOnCpu>& previous) {
  for (InterruptOnCpu& here : value)
    for (const InterruptOnCpu& before : previous)
      if (before.cpu == here.cpu) {
        kDifference(here.count, before.count);
        kDifference(here.total_ns, before.total_ns);
      }
}

void subtract(std::optional<std::vector<InterruptSample>>& value,
              const std::optional<std::vector<InterruptSample>>& previous) {
  if (!value || !previous) return;
  std::map<std::string, const InterruptSample*> before;
  for (const InterruptSample& interrupt : *previous) before[interrupt.name] = &interrupt;
  for (InterruptSample& interrupt : *value)
    if (auto found = before.find(interrupt.name); found != before.end()) {
      kDifference(interrupt.count, found->second->count);
      kDifference(interrupt.timed, found->second->timed);
      kDifference(interrupt.total_ns, found->second->total_ns);
      subtract(interrupt.per_cpu, found->second->per_cpu);
    }
}

void subtract(std::optional<std::vector<SyscallSample>>& value,
              const std::optional<std::vector<SyscallSample>>& previous) {
  if (!value || !previous) return;
  std::map<std::uint32_t, const SyscallSample*> before;
  for (const SyscallSample& call : *previous) before[call.number] = &call;
  for (SyscallSample& call : *value)
    if (auto found = before.find(call.number); found != before.end()) each_counter(call, *found->second, kDifference);
}

void subtract(SystemSample& value, const SystemSample& previous) {
  each_counter(value.wall, previous.wall, kDifference);
  subtract(value.totals, previous.totals);
  each_counter(value.histograms, previous.histograms, kDifference);
  for (CpuSample& cpu : value.cpus)
    for (const CpuSample& before : previous.cpus)
      if (before.cpu == cpu.cpu) each_counter(cpu, before, kDifference);
  subtract(value.hard, previous.hard);
  subtract(value.soft, previous.soft);
  subtract(value.syscalls, previous.syscalls);
  if (value.block && previous.block) each_counter(*value.block, *previous.block, kDifference);
  each_counter(value.loss, previous.loss, kDifference);
  kDifference(value.overhead.events, previous.overhead.events);
  kDifference(value.overhead.own_cpu_ns, previous.overhead.own_cpu_ns);
  if (value.overhead.bpf_ns) kDifference(*value.overhead.bpf_ns, previous.overhead.bpf_ns.value_or(0));
}

// Thread time per time elapsed.
double average(std::uint64_t thread_ns, std::uint64_t elapsed_ns) {
  return elapsed_ns == 0 ? 0 : static_cast<double>(thread_ns) / static_cast<double>(elapsed_ns);
}

double cpus_of(const ProcessSample& process, std::uint32_t cpus_online) {
  const double cpus = std::min(process.cpus_allowed, cpus_online);
  return process.cpu_quota ? std::min(cpus, *process.cpu_quota) : cpus;
}

// A pipe on which these processes mostly wait for one another.
bool is_internal(const SiteSample& site, const std::set<std::uint32_t>& pids) {
  return site.reason == Reason::kPipe && site.waker_pid != 0 && pids.count(site.waker_pid) > 0;
}

std::uint64_t internal_pipe_ns(const std::vector<SiteSample>& sites, const std::set<std::uint32_t>& pids) {
  std::uint64_t sum = 0;
  for (const SiteSample& site : sites)
    if (is_internal(site, pids)) sum += site.total_ns;
  return sum;
}

// Where they wait for anything but one another.
std::vector<SiteSample> external_sites(const std::vector<ProcessSample>& processes) {
  std::set<std::uint32_t> pids;
  for (const ProcessSample& process : processes) pids.insert(process.pid);
  std::vector<SiteSample> sites;
  for (const ProcessSample& process : processes)
    std::copy_if(process.sites.begin(), process.sites.end(), std::back_inserter(sites),
                 [&pids](const SiteSample& site) { return !is_internal(site, pids); });
  return sites;
}

std::uint64_t busy_threads(const std::vector<ThreadSample>& threads, std::uint64_t elapsed_ns) {
  constexpr std::uint64_t kBusyPart = 20;
  return static_cast<std::uint64_t>(std::count_if(threads.begin(), threads.end(), [&](const ThreadSample& thread) {
    const bool all_the_while = thread.totals.lifetime_ns >= elapsed_ns / 2;
    return all_the_while && thread.totals.on_cpu_ns * kBusyPart >= elapsed_ns && elapsed_ns > 0;
  }));
}

std::uint64_t busiest_ns(const std::vector<ThreadSample>& threads) {
  std::uint64_t most = 0;
  for (const ThreadSample& thread : threads) most = std::max(most, thread.totals.on_cpu_ns);
  return most;
}

// What event waits were for may be an estimate, and more than the waits.
void settle_events(Totals& totals) {
  const WaitTotal& event = totals.wait(Reason::kEvent);
  const Tally& timeouts = totals.event(EventEnd::kTimeout);
  const double room = static_cast<double>(event.total_ns - std::min(event.total_ns, timeouts.total_ns));
  double others = 0;
  for (const Tally& tally : totals.events) others += static_cast<double>(tally.total_ns);
  others -= static_cast<double>(timeouts.total_ns);
  if (others <= room) return;
  for (Tally& tally : totals.events)
    if (&tally != &timeouts)
      tally.total_ns = static_cast<std::uint64_t>(static_cast<double>(tally.total_ns) * room / others);
}

Judgement judge_evidence(const Evidence& evidence, bool calls_known) {
  Judgement judgement;
  const Totals& totals = evidence.totals;
  judgement.verdict = judge(evidence);
  judgement.io_model = name_io_model(totals, calls_known);
  judgement.bounds = bounds_of(evidence);
  judgement.cpus = evidence.cpus;
  judgement.parallelism_average = average(totals.on_cpu_ns, evidence.wall.elapsed_ns);
  judgement.in_flight_average =
      average(totals.on_cpu_ns + totals.run_queue_ns + io_time(evidence).total_ns(), evidence.wall.elapsed_ns);
  return judgement;
}

Judgement judge_with_advice(const Evidence& evidence, bool calls_known, std::uint64_t threads,
                            const std::vector<SiteSample>& sites) {
  Judgement judgement = judge_evidence(evidence, calls_known);
  judgement.advice = advise({evidence, judgement.verdict, judgement.io_model, judgement.bounds, threads, sites});
  return judgement;
}

} // namespace

Evidence evidence_of(const SystemSample& interval, const std::vector<const ProcessSample*>& processes) {
  Evidence evidence;
  evidence.wall = interval.wall;
  evidence.totals = interval.totals;
  settle_events(evidence.totals);
  evidence.lost = interval.loss.dropped + interval.loss.recursion_misses;
  evidence.threads_seen = interval.threads_seen;
  evidence.threads_unseen = interval.loss.unseeded;
  if (interval.block) evidence.requests_in_flight_ns = interval.block->totals.device_ns;
  std::set<std::uint32_t> pids;
  double cpus = 0;
  for (const ProcessSample* process : processes) {
    pids.insert(process->pid);
    cpus = std::max(cpus, cpus_of(*process, interval.cpus_online));
  }
  if (cpus > 0) evidence.cpus = cpus;
  for (const ProcessSample* process : processes) {
    evidence.internal_pipe_ns += internal_pipe_ns(process->sites, pids);
    evidence.busy_threads += busy_threads(process->threads, interval.wall.elapsed_ns);
    evidence.busiest_ns = std::max(evidence.busiest_ns, busiest_ns(process->threads));
  }
  return evidence;
}

Evidence evidence_of(const Sample& interval) {
  std::vector<const ProcessSample*> processes;
  for (const ProcessSample& process : interval.processes) processes.push_back(&process);
  return evidence_of(interval, processes);
}

Evidence evidence_of(const ProcessSample& process, std::uint32_t cpus_online) {
  Evidence evidence;
  evidence.wall = process.wall;
  evidence.totals = process.totals;
  settle_events(evidence.totals);
  evidence.lost = process.totals.missed_switches;
  evidence.requests_in_flight_ns = process.block.device_ns;
  evidence.internal_pipe_ns = internal_pipe_ns(process.sites, {process.pid});
  evidence.busy_threads = busy_threads(process.threads, process.wall.elapsed_ns);
  evidence.busiest_ns = busiest_ns(process.threads);
  if (const double cpus = cpus_of(process, cpus_online); cpus > 0) evidence.cpus = cpus;
  return evidence;
}

Evidence evidence_of(const ThreadSample& thread) {
  Evidence evidence;
  evidence.wall = wall_of_thread(thread.totals);
  evidence.totals = thread.totals;
  settle_events(evidence.totals);
  evidence.lost = thread.totals.missed_switches;
  return evidence;
}

Judgement judge_thread(const ThreadSample& thread, bool calls_known) {
  return judge_evidence(evidence_of(thread), calls_known);
}

Judgement judge_process(const ProcessSample& process, std::uint32_t cpus_online, bool calls_known) {
  return judge_with_advice(evidence_of(process, cpus_online), calls_known, process.threads_seen, process.sites);
}

Judgement judge_group(const SystemSample& interval, const Evidence& evidence, const std::vector<SiteSample>& sites) {
  return judge_with_advice(evidence, interval.syscalls.has_value(), interval.threads_seen, sites);
}

SystemSample difference(const SystemSample& current, const SystemSample& previous) {
  SystemSample interval = current;
  subtract(interval, previous);
  return interval;
}

ProcessSample difference(const ProcessSample& current, const ProcessSample& previous) {
  ProcessSample interval = current;
  subtract(interval, previous);
  return interval;
}

Model make_model(const Sample& current) { return make_model(current, Sample{}); }

Model make_model(const Sample& current, const Sample& previous) {
  Model model;
  model.interval = current;
  Sample& interval = model.interval;
  subtract(static_cast<SystemSample&>(interval), previous);
  subtract(interval.processes, previous.processes);
  for (const ProcessSample& process : interval.processes)
    model.processes.push_back(judge_process(process, interval.cpus_online, interval.syscalls.has_value()));
  model.group = judge_group(interval, evidence_of(interval), external_sites(interval.processes));
  return model;
}

} // namespace ctxray
