// SPDX-License-Identifier: GPL-2.0-or-later
// Subtracts samples and judges the difference.
#include "userspace/model.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

void subtract(std::uint64_t& value, std::uint64_t previous) { value -= std::min(value, previous); }

void subtract(Totals& value, const Totals& previous) {
  subtract(value.lifetime_ns, previous.lifetime_ns);
  subtract(value.on_cpu_ns, previous.on_cpu_ns);
  subtract(value.run_queue_ns, previous.run_queue_ns);
  subtract(value.wakeup_latency_ns, previous.wakeup_latency_ns);
  subtract(value.voluntary, previous.voluntary);
  subtract(value.involuntary, previous.involuntary);
  subtract(value.switch_process, previous.switch_process);
  subtract(value.switch_thread, previous.switch_thread);
  subtract(value.switch_resume, previous.switch_resume);
  subtract(value.missed_switches, previous.missed_switches);
  subtract(value.inferred, previous.inferred);
  subtract(value.event_timeouts, previous.event_timeouts);
  subtract(value.event_timeout_ns, previous.event_timeout_ns);
  subtract(value.hard_count, previous.hard_count);
  subtract(value.hard_ns, previous.hard_ns);
  subtract(value.soft_count, previous.soft_count);
  subtract(value.soft_ns, previous.soft_ns);
  for (std::size_t i = 0; i < kReasons; ++i) {
    WaitTotal& wait = value.waits[i];
    subtract(wait.count, previous.waits[i].count);
    subtract(wait.total_ns, previous.waits[i].total_ns);
    wait.under_way_ns = std::min(wait.under_way_ns, wait.total_ns);
    // max_ns stays that of the whole time: a maximum cannot be subtracted.
  }
}

void subtract(PerReason<Histogram>& value, const PerReason<Histogram>& previous) {
  for (std::size_t reason = 0; reason < kReasons; ++reason)
    for (std::size_t bucket = 0; bucket < kHistogramBuckets; ++bucket)
      subtract(value[reason][bucket], previous[reason][bucket]);
}

void subtract(Wall& value, const Wall& previous) {
  subtract(value.elapsed_ns, previous.elapsed_ns);
  subtract(value.idle_ns, previous.idle_ns);
  subtract(value.lock_ns, previous.lock_ns);
  subtract(value.event_ns, previous.event_ns);
  subtract(value.io_ns, previous.io_ns);
  subtract(value.starved_ns, previous.starved_ns);
  for (std::size_t k = 0; k < std::min(value.running_ns.size(), previous.running_ns.size()); ++k)
    subtract(value.running_ns[k], previous.running_ns[k]);
}

using Identity = std::pair<std::uint32_t, std::uint64_t>; // a number and a start: never the same twice

void subtract(std::vector<ThreadSample>& threads, const std::vector<ThreadSample>& previous) {
  std::map<Identity, const ThreadSample*> before;
  for (const ThreadSample& thread : previous) before[{thread.tid, thread.start_ns}] = &thread;
  for (ThreadSample& thread : threads)
    if (auto found = before.find({thread.tid, thread.start_ns}); found != before.end())
      subtract(thread.totals, found->second->totals);
}

void subtract(std::vector<ProcessSample>& processes, const std::vector<ProcessSample>& previous) {
  std::map<Identity, const ProcessSample*> before;
  for (const ProcessSample& process : previous) before[{process.pid, process.start_ns}] = &process;
  for (ProcessSample& process : processes) {
    auto found = before.find({process.pid, process.start_ns});
    if (found == before.end()) continue;
    subtract(process.wall, found->second->wall);
    subtract(process.totals, found->second->totals);
    subtract(process.histograms, found->second->histograms);
    subtract(process.threads, found->second->threads);
  }
}

void subtract(std::vector<InterruptOnCpu>& value, const std::vector<InterruptOnCpu>& previous) {
  for (InterruptOnCpu& here : value)
    for (const InterruptOnCpu& before : previous)
      if (before.cpu == here.cpu) {
        subtract(here.count, before.count);
        subtract(here.total_ns, before.total_ns);
      }
}

void subtract(std::optional<std::vector<InterruptSample>>& value,
              const std::optional<std::vector<InterruptSample>>& previous) {
  if (!value || !previous) return;
  std::map<std::string, const InterruptSample*> before;
  for (const InterruptSample& interrupt : *previous) before[interrupt.name] = &interrupt;
  for (InterruptSample& interrupt : *value)
    if (auto found = before.find(interrupt.name); found != before.end()) {
      subtract(interrupt.count, found->second->count);
      subtract(interrupt.total_ns, found->second->total_ns);
      subtract(interrupt.per_cpu, found->second->per_cpu);
    }
}

void subtract(std::optional<std::vector<SyscallSample>>& value,
              const std::optional<std::vector<SyscallSample>>& previous) {
  if (!value || !previous) return;
  std::map<std::uint32_t, const SyscallSample*> before;
  for (const SyscallSample& call : *previous) before[call.number] = &call;
  for (SyscallSample& call : *value)
    if (auto found = before.find(call.number); found != before.end()) {
      subtract(call.count, found->second->count);
      subtract(call.errors, found->second->errors);
      subtract(call.eagain, found->second->eagain);
    }
}

void subtract(Sample& value, const Sample& previous) {
  subtract(value.wall, previous.wall);
  subtract(value.totals, previous.totals);
  subtract(value.histograms, previous.histograms);
  subtract(value.processes, previous.processes);
  subtract(value.hard, previous.hard);
  subtract(value.soft, previous.soft);
  subtract(value.syscalls, previous.syscalls);
  subtract(value.loss.dropped, previous.loss.dropped);
  subtract(value.loss.map_full, previous.loss.map_full);
  subtract(value.loss.recursion_misses, previous.loss.recursion_misses);
  subtract(value.loss.unseeded, previous.loss.unseeded);
  subtract(value.loss.inferred, previous.loss.inferred);
  subtract(value.loss.details_dropped, previous.loss.details_dropped);
  subtract(value.overhead.events, previous.overhead.events);
  subtract(value.overhead.own_cpu_ns, previous.overhead.own_cpu_ns);
  if (value.overhead.bpf_ns) subtract(*value.overhead.bpf_ns, previous.overhead.bpf_ns.value_or(0));
}

// Thread time per time elapsed.
double average(std::uint64_t thread_ns, std::uint64_t elapsed_ns) {
  return elapsed_ns == 0 ? 0 : static_cast<double>(thread_ns) / static_cast<double>(elapsed_ns);
}

std::uint64_t io_thread_ns(const Totals& totals) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kReasons; ++i)
    if (wall_class(static_cast<Reason>(i)) == WallClass::kIo) sum += totals.waits[i].total_ns;
  return sum;
}

} // namespace

Model make_model(const Sample& current) { return make_model(current, Sample{}); }

Model make_model(const Sample& current, const Sample& previous) {
  Model model;
  model.interval = current;
  subtract(model.interval, previous);
  const Sample& interval = model.interval;
  model.verdict = judge({interval.wall, interval.totals, interval.loss.dropped});
  for (const ProcessSample& process : interval.processes)
    model.processes.push_back(judge({process.wall, process.totals, process.totals.missed_switches}));
  const Totals& totals = interval.totals;
  model.parallelism_average = average(totals.on_cpu_ns, interval.wall.elapsed_ns);
  model.in_flight_average =
      average(totals.on_cpu_ns + totals.run_queue_ns + io_thread_ns(totals), interval.wall.elapsed_ns);
  return model;
}

} // namespace ctxray
