// SPDX-License-Identifier: GPL-2.0-or-later
// The BPF object: opens, configures, loads and attaches it, and gives access to its maps.
#pragma once

#include <bpf/libbpf.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/wire.h"
#include "ctxray.skel.h"
#include "probes/interpreter.h"
#include "probes/kernel_facts.h"
#include "probes/mapped.h"
#include "probes/plan.h"
#include "probes/record_array.h"
#include "probes/sites.h"

namespace ctxray {

// Runs that the kernel refused to these programs, since they were already running on that CPU.
std::uint64_t recursion_misses(const std::vector<int>& programs);

class KernelSide {
 public:
  using MessageHandler = std::function<void(const message&)>;

  // Everything is attached when this returns. `verbose`: libbpf's messages go to stderr.
  KernelSide(const Plan& plan, const KernelFacts& facts, const std::string& btf_path, bool verbose,
             MessageHandler on_message, RecordArray records);

  // Around passes: meanwhile processes of one thread are accounted with the care that others need.
  void begin_seeding();
  void end_seeding();
  // One pass over all tasks; returns the number of threads that it added or corrected.
  std::uint32_t seed_pass(seed_mode mode);
  void set_targets(const std::vector<std::uint32_t>& pids);
  // Once they are seeded: others may get their numbers.
  void forget_targets(const std::vector<std::uint32_t>& pids);
  void start_clock(); // of the group; without effect when it runs

  struct Threads {
    std::vector<thread_sample> all;  // but those in `quiet`
    std::vector<quiet_thread> quiet; // asleep without a break
  };
  // `quiet_since`: threads that have slept since this time are told in brief; 0: none is.
  [[nodiscard]] Threads read_threads(std::uint64_t quiet_since = 0) const;
  [[nodiscard]] group read_group() const;
  [[nodiscard]] std::uint64_t folds() const; // threads that have ended
  [[nodiscard]] process_rec read_process(std::uint32_t slot) const;
  // What was read of many processes that sleep since is no longer kept at hand.
  void release_processes();
  // Slots whose processes have ended since the last call.
  std::vector<std::uint32_t> take_ended_slots();
  void give_back_slot(std::uint32_t slot);
  // Begins a slice of time in which system calls are probed; each stands for `weight`. False: the kernel refused.
  bool probe_calls(std::uint32_t weight);
  void leave_calls();
  // The same with soft interrupts. They can only be left once the kernel's own counters are used, for as long as it
  // takes each CPU to find them. False: the kernel has none that can be used.
  bool use_soft_counters();
  [[nodiscard]] bool uses_soft_counters() const { return skeleton_->bss->softirqs_distance != 0; }
  bool probe_softs(std::uint32_t weight);
  void leave_softs();
  // Leaves this out from now on.
  void shed(Shed shed);
  [[nodiscard]] std::vector<int> programs() const;             // descriptors of those that are loaded
  [[nodiscard]] std::vector<std::uint64_t> calls_seen() const; // of everybody, in all slices, by CPU
  [[nodiscard]] std::vector<std::uint64_t> softs_seen() const;
  // The answer to MESSAGE_FIND_RUNTIME: waits for the interpreter's lock are told apart from now on.
  void set_interpreter(const message_head& question, const Interpreter& answer);
  [[nodiscard]] std::vector<Site> read_sites() const;
  void forget_site(const site_key& key);
  void consume_messages();
  [[nodiscard]] std::uint32_t slots_in_use() const; // slots 0 to this - 1 were used at some time
  [[nodiscard]] const process_rec& process(std::uint32_t slot) const { return processes_[slot]; }
  [[nodiscard]] cpu_total cpu(std::uint32_t cpu) const;
  [[nodiscard]] irq_total irq(std::uint32_t cpu, std::uint32_t index) const;
  [[nodiscard]] syscall_total syscall(std::uint32_t cpu, std::uint32_t number) const;
  [[nodiscard]] std::uint64_t recursion_misses() const;
  [[nodiscard]] int message_fd() const;
  // For another object of programs that shares them.
  [[nodiscard]] int threads_map() const { return bpf_map__fd(skeleton_->maps.threads); }
  [[nodiscard]] int thread_rows_map() const { return bpf_map__fd(skeleton_->maps.thread_rows); }
  [[nodiscard]] int messages_map() const { return bpf_map__fd(skeleton_->maps.messages); }
  [[nodiscard]] std::uint32_t slots() const { return slots_; }

 private:
  struct SkeletonDestroy {
    void operator()(ctxray_bpf* skeleton) const { ctxray_bpf::destroy(skeleton); }
  };
  struct LinkDestroy {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
  };
  struct RingFree {
    void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
  };
  using Link = std::unique_ptr<bpf_link, LinkDestroy>;

  void open(const Plan& plan, const std::string& btf_path);
  void configure(const Plan& plan);
  void use_records(const RecordArray::Made& made);
  void map_arrays();
  void attach();
  static Link attach_iterator(bpf_program* program);
  using Taker = std::function<void(std::string_view)>;
  static void run_iterator(const bpf_link* link, const Taker& take);
  static int handle_message(void* context, void* data, std::size_t size);

  std::uint32_t cpus_possible_;
  std::uint32_t slots_;
  std::string btf_path_;
  bool sought_soft_counters_ = false;
  MessageHandler on_message_;
  std::unique_ptr<ctxray_bpf, SkeletonDestroy> skeleton_;
  Link snapshot_;
  Link calls_; // while they are probed
  std::unique_ptr<ring_buffer, RingFree> ring_;
  MappedArray<process_rec> processes_;
  MappedArray<irq_total> irqs_;
  MappedArray<syscall_total> syscalls_;
  MappedArray<cpu_total> cpus_;
};

} // namespace ctxray
