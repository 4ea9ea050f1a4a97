// SPDX-License-Identifier: GPL-2.0-or-later
// Follows targets: seeds them and puts samples together from the kernel side's records.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "probes/coroutine_probes.h"
#include "probes/fd.h"
#include "probes/interrupts.h"
#include "probes/kernel_side.h"
#include "probes/ledger.h"
#include "probes/plan.h"
#include "probes/program_meter.h"
#include "probes/resolver.h"
#include "probes/sampler.h"
#include "probes/softirqs.h"
#include "userspace/budget.h"
#include "userspace/packed.h"
#include "userspace/session.h"

namespace ctxray {

class Tracer : public Source {
 public:
  // Loads and attaches all programs of the plan. Accounting begins with the first seeding, or when an armed
  // process is let go.
  Tracer(const Plan& plan, const KernelFacts& facts, const std::string& btf_path, bool verbose)
      : Tracer(plan, facts, btf_path, verbose, RecordArray(records_for(facts.limits))) {}
  // The same with an array that was begun before.
  Tracer(const Plan& plan, const KernelFacts& facts, const std::string& btf_path, bool verbose, RecordArray records);

  // Accounts these processes (or single threads) from now on. Returns the number of threads added.
  // May be called again: what is accounted already stays as it is.
  std::uint64_t seed(const std::vector<std::uint32_t>& pids);

  // Counts switches of coroutines from now on, in all that is seeded or armed later.
  void probe_coroutines(const CoroutineChoice& choice);
  // What this command will run. Its first switches are counted only if this is told before it starts.
  void expect_command(const std::vector<std::string>& command);

  // Accounts this process, which is asleep, from its next wakeup on.
  void arm(std::uint32_t pid);

  // Waits until the last switch of this process's last thread was seen, and those of all that are gone already: it
  // comes after a parent can know of an end, and until then a process that no pass has met would be missing. Gives up
  // after a fraction of a second.
  void await_end(std::uint32_t pid) const;

  Sample read() override;
  Sample read_changes() override;
  void drain() override;

  // Threads accounted now.
  [[nodiscard]] std::uint64_t live_threads() const { return kernel_.read_group().live; }

  // Readable when drain() is wanted: details should be read soon, the last target has ended, the probe of system calls
  // is to come or to go, or a measuring of the own cost is to begin or to end.
  [[nodiscard]] int message_fd() const { return waiting_.get(); }

 private:
  [[nodiscard]] SampledProbe calls();
  [[nodiscard]] SampledProbe soft_interrupts();
  void wait_for_all();
  void keep_budget();
  void take(const message& message);
  [[nodiscard]] bool follows(std::uint32_t pid) const;
  [[nodiscard]] bool follows_any(const std::function<bool(std::uint32_t pid)>& is_wanted) const;

  // In the order of slots. In one piece of memory, since it soon goes: what is kept would settle in the holes
  // otherwise, and keep the memory around.
  using BySlot = std::vector<std::pair<std::uint32_t, ProcessSample>>;
  static ProcessSample* find(BySlot& by_slot, std::uint32_t slot);

  // What was known of a process when something had last happened to it.
  struct Known {
    ProcessIdentity identity; // start_ns 0: nothing is known
    std::uint64_t folds = 0;
    // By tid, which is 0 outside the reader's namespace.
    std::unordered_multimap<std::uint32_t, Packed<thread_sample>> threads;
  };

  // What a pass saw of one process.
  struct Seen {
    std::vector<const thread_sample*> all;
    std::vector<std::uint32_t> quiet; // numbers of threads
  };

  struct Pass {
    std::uint64_t begin_ns = 0;
    KernelSide::Threads threads;
    std::map<std::uint32_t, std::uint64_t> folds; // by slot: what the tries before saw that had changed
  };

  std::vector<ProcessSample> read_processes();
  bool read_processes_once(BySlot& by_slot, std::vector<site_run>& runs);
  void read_changed_processes(Sample& sample);
  bool read_pass(Pass& pass);
  void take_pass(const Pass& pass, BySlot& by_slot, std::vector<ProcessIdentity>& quiet);
  void remember(std::uint32_t slot, const Seen& seen);
  ProcessSample read_changed(std::uint32_t slot, const Seen& seen, std::vector<site_run>& runs);
  void finish(Sample& sample);
  ProcessSample decode(std::uint32_t slot, const process_rec& record, std::uint64_t now_ns);
  void read_sites(BySlot& by_slot, const std::vector<site_run>& runs);
  void complete(ProcessSample& process);
  void read_block(Sample& sample, const group& whole) const;
  void read_cpus(Sample& sample) const;
  [[nodiscard]] irq_total interrupts_on(std::uint32_t cpu, std::uint32_t index) const;
  void read_interrupts(Sample& sample);
  void read_syscalls(Sample& sample) const;

  Plan plan_;
  std::uint32_t cpus_possible_;
  std::uint32_t cpus_online_;
  InterruptNames interrupt_names_;
  Resolver resolver_;
  std::set<std::uint32_t> slots_; // of processes that live, as far as is known
  Ledger ledger_;
  std::vector<Known> known_;                 // by slot; of read_changes()
  std::uint64_t quiet_since_ns_ = 0;         // what has slept since then was read asleep; 0: everything is to be read
  std::uint64_t waits_unplaced_ = 0;         // by the last read_sites()
  std::uint64_t ended_told_ = 0;             // processes that have ended, up to the last read_changes()
  std::optional<SoftirqCounts> soft_counts_; // none: they are counted by their probe alone
  KernelSide kernel_;
  std::optional<Sampler> call_sampler_;
  std::optional<Sampler> soft_sampler_;
  std::optional<CoroutineProbes> coroutines_;
  std::optional<ProgramMeter> meter_; // none: the kernel does not let us
  std::optional<Budgeting> budgeting_;
  std::uint64_t own_cpu_ns_ = 0, own_as_of_ns_ = 0; // at the last measuring
  Fd waiting_;                                      // messages, the samplers or the meter
};

} // namespace ctxray
