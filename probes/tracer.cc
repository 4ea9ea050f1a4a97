// SPDX-License-Identifier: GPL-2.0-or-later
// Joins the records of threads, processes, interrupts and system calls to a sample.
#include "probes/tracer.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "probes/clock.h"
#include "probes/decode.h"
#include "userspace/error.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

constexpr const char* kProc = "/proc";
constexpr const char* kSoftirqs = "/proc/softirqs";
constexpr double kSoftNs = 200; // what its two probes add to a soft interrupt: see docs/performance.md

std::optional<SoftirqCounts> read_soft_counts() {
  std::ifstream file(kSoftirqs);
  SoftirqCounts counts(file);
  return counts.empty() ? std::nullopt : std::optional(std::move(counts));
}

} // namespace

Tracer::Tracer(const Plan& plan, const KernelFacts& facts, const std::string& btf_path, bool verbose,
               RecordArray records)
    : plan_(plan),
      cpus_possible_(facts.cpus_possible),
      cpus_online_(facts.cpus_online),
      soft_counts_(plan.interrupts ? read_soft_counts() : std::nullopt),
      kernel_(
          plan, facts, btf_path, verbose, [this](const message& message) { take(message); }, std::move(records)) {
  if (plan_.call_slices) call_sampler_.emplace(calls(), cpus_online_);
  if (soft_counts_) soft_sampler_.emplace(soft_interrupts(), cpus_online_, kSoftNs);
  if (ProgramMeter::is_allowed()) meter_.emplace(kernel_.programs());
  if (plan_.budget) {
    if (!meter_)
      throw Error("cannot keep a budget: the kernel does not measure BPF programs for this user", 0,
                  "it takes CAP_SYS_ADMIN, which root has; or leave --budget out");
    budgeting_.emplace(*plan_.budget);
  }
  own_cpu_ns_ = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  own_as_of_ns_ = clock_ns(CLOCK_MONOTONIC);
  wait_for_all();
}

SampledProbe Tracer::calls() {
  return {[this](std::uint32_t weight) { return kernel_.probe_calls(weight); },
          [this] {
            kernel_.leave_calls();
            return true;
          },
          [this] { return kernel_.calls_seen(); }};
}

SampledProbe Tracer::soft_interrupts() {
  return {[this](std::uint32_t weight) { return kernel_.probe_softs(weight); },
          [this] {
            if (!kernel_.uses_soft_counters()) {
              kernel_.use_soft_counters();
              return false;
            }
            kernel_.leave_softs();
            return true;
          },
          [this] { return kernel_.softs_seen(); }};
}

void Tracer::wait_for_all() {
  waiting_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  for (const int fd : {kernel_.message_fd(), call_sampler_ ? call_sampler_->fd() : -1,
                       soft_sampler_ ? soft_sampler_->fd() : -1, meter_ ? meter_->fd() : -1}) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (fd >= 0 && (!waiting_ || epoll_ctl(waiting_.get(), EPOLL_CTL_ADD, fd, &event) != 0))
      throw Error("cannot wait for events", errno);
  }
}

// After a measuring: leaves something out where all that is done costs too much.
void Tracer::keep_budget() {
  const std::uint64_t own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID), now_ns = clock_ns(CLOCK_MONOTONIC);
  const double own = static_cast<double>(own_ns - own_cpu_ns_) / static_cast<double>(now_ns - own_as_of_ns_);
  own_cpu_ns_ = own_ns;
  own_as_of_ns_ = now_ns;
  const std::optional<Shed> shed = budgeting_->take((own + meter_->rate().value_or(0)) / cpus_online_);
  if (!shed) return;
  if (shed == Shed::kSyscalls) call_sampler_.reset();
  if (shed == Shed::kInterrupts) soft_sampler_.reset();
  kernel_.shed(*shed);
}

void Tracer::probe_coroutines(const CoroutineChoice& choice) { coroutines_.emplace(kernel_, choice); }

void Tracer::expect_command(const std::vector<std::string>& command) {
  if (coroutines_) coroutines_->look_at_command(command);
}

void Tracer::take(const message& message) {
  const message_head& head = message.head;
  if (head.kind == MESSAGE_THREAD_ENDED)
    ledger_.add_thread(head.pid, head.process_start_ns, decode_thread(message.thread));
  if (head.kind == MESSAGE_NEW_CODE && coroutines_) coroutines_->look_at_process(kProc, head.pid);
  if (head.kind == MESSAGE_FIND_RUNTIME) kernel_.set_interpreter(head, find_interpreter(kProc, head.pid));
}

std::uint64_t Tracer::seed(const std::vector<std::uint32_t>& pids) {
  std::vector<std::uint32_t> fresh;
  std::copy_if(pids.begin(), pids.end(), std::back_inserter(fresh),
               [this](std::uint32_t pid) { return !follows(pid); });
  if (fresh.empty() && !pids.empty()) return 0;
  kernel_.start_clock();
  kernel_.set_targets(fresh);
  // A pass can miss what is created during it, and corrects what the one before saw in the act of changing.
  constexpr int kMostPasses = 8;
  const std::uint64_t before = kernel_.read_group().threads_seen;
  kernel_.begin_seeding();
  for (int pass = 0; pass < kMostPasses && kernel_.seed_pass(SEED_TARGETS) > 0; ++pass) {
  }
  kernel_.end_seeding();
  kernel_.forget_targets(fresh);
  return kernel_.read_group().threads_seen - before;
}

void Tracer::arm(std::uint32_t pid) {
  kernel_.set_targets({pid});
  if (kernel_.seed_pass(SEED_ARM) == 0) throw Error("cannot find the launched process " + std::to_string(pid));
  kernel_.forget_targets({pid});
}

bool Tracer::follows_any(const std::function<bool(std::uint32_t pid)>& is_wanted) const {
  for (std::uint32_t slot = WIRE_OVERFLOW_SLOT + 1; slot < kernel_.slots_in_use(); ++slot)
    if (const volatile process_rec& record = kernel_.process(slot); record.live > 0 && is_wanted(record.pid))
      return true;
  return false;
}

bool Tracer::follows(std::uint32_t pid) const {
  return follows_any([pid](std::uint32_t other) { return other == pid; });
}

void Tracer::await_end(std::uint32_t pid) const {
  constexpr int kTries = 5000;
  constexpr timespec kPause = {0, 50'000};
  const auto is_ending = [pid](std::uint32_t other) {
    return other == pid || (other != 0 && kill(static_cast<pid_t>(other), 0) != 0 && errno == ESRCH);
  };
  for (int tries = 0; tries < kTries && follows_any(is_ending); ++tries) nanosleep(&kPause, nullptr);
}

// Moves processes that ended into the ledger and gives their slots back.
void Tracer::drain() {
  if (call_sampler_) call_sampler_->turn();
  if (soft_sampler_) soft_sampler_->turn();
  if (meter_ && meter_->turn() && budgeting_) keep_budget();
  std::map<std::uint32_t, ProcessSample> ended;
  const std::vector<std::uint32_t> in_order = kernel_.take_ended_slots();
  for (const std::uint32_t slot : in_order) {
    const process_rec record = kernel_.read_process(slot);
    if (record.live == 0) ended[slot] = decode(slot, record, record.end_ns);
    // Otherwise a thread was seeded into it since: it will be announced again.
  }
  kernel_.consume_messages(); // all messages of these processes were sent before they were announced
  // Nobody announces the end of those that share a record, and they may have lived between two passes.
  if (kernel_.process(WIRE_OVERFLOW_SLOT).threads_seen > 0) slots_.insert(WIRE_OVERFLOW_SLOT);
  if (ended.empty()) return;
  for (const Site& site : kernel_.read_sites()) {
    auto found = ended.find(site.key.slot);
    if (found == ended.end()) continue;
    found->second.sites.push_back(decode_site(site.key, site.value));
    kernel_.forget_site(site.key);
  }
  for (const std::uint32_t slot : in_order) { // so that those that ended first give way first
    const auto found = ended.find(slot);
    if (found == ended.end()) continue;
    complete(found->second);
    ledger_.add_process(std::move(found->second));
    ended.erase(found);
    slots_.erase(slot);
    if (slot < known_.size()) known_[slot] = {};
    if (coroutines_) coroutines_->forget(slot);
    kernel_.give_back_slot(slot);
  }
}

ProcessSample Tracer::decode(std::uint32_t slot, const process_rec& record, std::uint64_t now_ns) {
  ProcessSample process = decode_process(record, now_ns);
  if (plan_.block_start) process.block.queued = process.block.requests;
  if (coroutines_) process.coroutines = coroutines_->read(slot);
  return process;
}

ProcessSample* Tracer::find(BySlot& by_slot, std::uint32_t slot) {
  const auto found = std::lower_bound(by_slot.begin(), by_slot.end(), slot,
                                      [](const auto& entry, std::uint32_t wanted) { return entry.first < wanted; });
  return found == by_slot.end() || found->first != slot ? nullptr : &found->second;
}

// `runs`: of the threads of these processes.
void Tracer::read_sites(BySlot& by_slot, const std::vector<site_run>& runs) {
  std::vector<Site> sites = kernel_.read_sites();
  waits_unplaced_ = add_runs(sites, runs);
  for (const Site& site : sites)
    if (ProcessSample* process = find(by_slot, site.key.slot); process != nullptr)
      process->sites.push_back(decode_site(site.key, site.value));
}

// Adds what /proc tells.
void Tracer::complete(ProcessSample& process) {
  if (!process.ended && coroutines_) coroutines_->look_at_process(kProc, process.pid); // it may load libraries late
  if (!process.ended) process.cpu_quota = resolver_.cpu_quota(process.pid, process.start_ns);
  process.user = resolver_.user(process.pid, process.start_ns);
  for (SiteSample& site : process.sites) {
    resolver_.complete_path(process.pid, site);
    if (site.waker_pid != 0) site.waker_name = resolver_.process_name(site.waker_pid);
  }
}

// False: a thread ended in between, so that it may be in both its own record and its process's sum, or in neither.
bool Tracer::read_processes_once(BySlot& by_slot, std::vector<site_run>& runs) {
  std::map<std::uint32_t, std::uint64_t> folds;
  for (const std::uint32_t slot : slots_) folds[slot] = kernel_.read_process(slot).folds_begun;
  const std::vector<thread_sample> threads = kernel_.read_threads().all;
  for (const thread_sample& thread : threads) slots_.insert(thread.rec.slot);

  bool stable = true;
  by_slot.reserve(slots_.size());
  for (const std::uint32_t slot : slots_) {
    const process_rec record = kernel_.read_process(slot);
    const auto known = folds.find(slot);
    stable = stable && record.folds_begun == record.folds_done &&
             record.folds_begun == (known == folds.end() ? 0 : known->second);
    by_slot.emplace_back(slot, decode(slot, record, clock_ns(CLOCK_MONOTONIC)));
  }
  for (const thread_sample& raw : threads) {
    ProcessSample& process = *find(by_slot, raw.rec.slot); // slots_ has had it since above
    process.threads.push_back(decode_thread(raw));
    append_runs(runs, raw.rec);
    if (raw.rec.tid == process.pid) process.cpus_allowed = raw.cpus_allowed;
    add(process.totals, process.threads.back().totals);
    add(process.histograms, process.threads.back().histograms);
  }
  return stable;
}

std::vector<ProcessSample> Tracer::read_processes() {
  constexpr int kTries = 8;
  BySlot by_slot;
  std::vector<site_run> runs;
  for (int tries = 0; tries < kTries; ++tries) {
    drain();
    by_slot.clear();
    runs.clear();
    if (read_processes_once(by_slot, runs)) break;
  }
  read_sites(by_slot, runs);
  std::vector<ProcessSample> samples;
  for (auto& [slot, process] : by_slot) {
    if (slot == WIRE_OVERFLOW_SLOT) process.comm = "(others)";
    complete(process);
    ledger_.append_threads(process);
    samples.push_back(std::move(process));
  }
  ledger_.append_processes(samples);
  return samples;
}

void Tracer::read_cpus(Sample& sample) const {
  if (!plan_.cpus) return;
  for (std::uint32_t cpu = 0; cpu < cpus_possible_; ++cpu)
    if (const cpu_total raw = kernel_.cpu(cpu); raw.on_cpu_ns + raw.since_ns > 0)
      sample.cpus.push_back(decode_cpu(cpu, raw, sample.now_ns));
}

// As the kernel counts them: their probe is not always there.
irq_total Tracer::interrupts_on(std::uint32_t cpu, std::uint32_t index) const {
  irq_total total = kernel_.irq(cpu, index);
  if (index < WIRE_IRQ_LINES + WIRE_VECTORS) {
    total.timed = total.count;
  } else if (soft_counts_) {
    total.count = soft_counts_->count(cpu, index - WIRE_IRQ_LINES - WIRE_VECTORS);
    total.timed = std::min(total.timed, total.count);
  }
  return total;
}

void Tracer::read_interrupts(Sample& sample) {
  if (!plan_.interrupts) return;
  if (soft_counts_) {
    std::ifstream file(kSoftirqs);
    soft_counts_->update(file);
  }
  sample.hard.emplace();
  sample.soft.emplace();
  for (std::uint32_t index = 0; index < WIRE_IRQS; ++index) {
    const bool hard = index < WIRE_IRQ_LINES + WIRE_VECTORS;
    InterruptSample interrupt;
    for (std::uint32_t cpu = 0; cpu < cpus_possible_; ++cpu) {
      const irq_total total = interrupts_on(cpu, index);
      if (total.count == 0) continue;
      interrupt.count += total.count;
      interrupt.timed += total.timed;
      interrupt.total_ns += total.total_ns;
      interrupt.per_cpu.push_back({cpu, total.count, total.total_ns});
    }
    if (interrupt.count == 0) continue;
    interrupt.name = interrupt_names_.name(index);
    (hard ? sample.hard : sample.soft)->push_back(std::move(interrupt));
  }
}

void Tracer::read_syscalls(Sample& sample) const {
  if (!plan_.syscalls) return;
  if (call_sampler_ && call_sampler_->sampling().weight > 1) sample.call_sampling = call_sampler_->sampling();
  sample.syscalls.emplace();
  for (std::uint32_t number = 0; number < WIRE_CALLS; ++number) {
    SyscallSample call;
    for (std::uint32_t cpu = 0; cpu < cpus_possible_; ++cpu) {
      const syscall_total total = kernel_.syscall(cpu, number);
      call.count += total.count;
      call.errors += total.errors;
      call.eagain += total.eagain;
      call.eintr += total.eintr;
      call.blocks += total.blocks;
      call.blocked_ns += total.blocked_ns;
    }
    if (call.count == 0) continue;
    call.number = number;
    call.name = call_name(number);
    sample.syscalls->push_back(std::move(call));
  }
}

void Tracer::read_block(Sample& sample, const group& whole) const {
  if (!plan_.block) return;
  BlockSample& block = sample.block.emplace();
  for (const ProcessSample& process : sample.processes) add(block.totals, process.block);
  for (std::size_t stage = 0; stage < kBlockStages; ++stage)
    std::copy(std::begin(whole.block_hist[stage]), std::end(whole.block_hist[stage]), block.stages[stage].begin());
  block.kernel_requests = whole.kernel_requests;
  block.kernel_bytes = whole.kernel_bytes;
}

Sample Tracer::read() {
  Sample sample;
  sample.processes = read_processes();
  quiet_since_ns_ = 0; // the next sample of changes begins afresh
  finish(sample);
  return sample;
}

// All that is not in processes.
void Tracer::finish(Sample& sample) {
  std::array<double, 3> load{};
  if (getloadavg(load.data(), 3) == 3) sample.load = load;
  sample.cpus_online = cpus_online_;
  for (const ProcessSample& process : sample.processes) {
    add(sample.totals, process.totals);
    add(sample.histograms, process.histograms);
  }
  const group whole = kernel_.read_group();
  sample.now_ns = clock_ns(CLOCK_MONOTONIC);
  const bool all_ended = whole.live == 0 && whole.threads_seen > 0;
  sample.wall = decode_wall(whole.wall, all_ended ? whole.end_ns : sample.now_ns);
  sample.threads_seen = whole.threads_seen;
  sample.processes_seen = whole.processes_seen;
  read_cpus(sample);
  read_interrupts(sample);
  read_syscalls(sample);
  read_block(sample, whole);
  if (coroutines_) sample.coroutine_probing = coroutines_->probing();
  sample.loss.dropped = sample.totals.missed_switches;
  sample.loss.inferred = sample.totals.inferred;
  sample.loss.map_full = whole.slots_full;
  sample.loss.recursion_misses = kernel_.recursion_misses();
  sample.loss.withheld = whole.withheld;
  sample.loss.unseeded = whole.records_full + whole.bad_slot;
  sample.loss.sites_full = whole.sites_full + waits_unplaced_;
  sample.loss.requests_full = whole.requests_full;
  sample.loss.details_dropped = whole.exits_lost + ledger_.threads_dropped();
  sample.overhead.events = events_of(sample);
  sample.overhead.own_cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  if (meter_) sample.overhead.bpf_ns = meter_->total_ns();
  if (!plan_.interrupts) leave_out(sample, {Shed::kInterrupts});
  if (!budgeting_) return;
  sample.overhead.budget = budgeting_->budget();
  leave_out(sample, budgeting_->budget().shed);
}

} // namespace ctxray
