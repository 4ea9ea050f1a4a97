// SPDX-License-Identifier: GPL-2.0-or-later
// What was counted up to one moment: raw, absolute and free of any policy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctxray {

// Why a thread is blocked. Append only; the kernel side's numbers are the same.
enum class Reason : std::uint8_t {
  kOther,
  kDisk,
  kNetwork,
  kPipe,
  kTerminal,
  kEvent,
  kAsync,
  kLock,
  kParked,
  kSleep,
  kChild,
  kPageFault,
  kSignal,
  kFileLock,
};
inline constexpr std::size_t kReasons = 14;
inline constexpr std::size_t kHistogramBuckets = 40;

template <typename T>
using PerReason = std::array<T, kReasons>;

// Bucket b counts waits of [2^b, 2^(b+1)) ns; the first also those of 0 ns, the last also all longer ones.
using Histogram = std::array<std::uint64_t, kHistogramBuckets>;

struct WaitTotal {
  std::uint64_t count = 0;        // waits begun
  std::uint64_t total_ns = 0;     // with the wait under way
  std::uint64_t max_ns = 0;       // longest so far
  std::uint64_t under_way_ns = 0; // part of total_ns that belongs to waits that have not ended
};

// Sums over the time accounted; on_cpu_ns + run_queue_ns + blocked_ns() == lifetime_ns, exactly.
struct Totals {
  std::uint64_t lifetime_ns = 0;
  std::uint64_t on_cpu_ns = 0;
  std::uint64_t run_queue_ns = 0;
  std::uint64_t wakeup_latency_ns = 0; // part of run_queue_ns: until an idle CPU took it up, with no rival
  std::uint64_t voluntary = 0;         // equals the kernel's nvcsw since accounting began
  std::uint64_t involuntary = 0;       // equals the kernel's nivcsw since accounting began
  std::uint64_t switch_process = 0;
  std::uint64_t switch_thread = 0;
  std::uint64_t switch_resume = 0;
  std::uint64_t missed_switches = 0;  // counted by the kernel, seen by no probe
  std::uint64_t inferred = 0;         // events that no probe saw either, but that the kernel's counters show and time
  std::uint64_t event_timeouts = 0;   // event waits that a timer ended, also counted under kEvent
  std::uint64_t event_timeout_ns = 0; // their length
  std::uint64_t hard_count = 0;       // interrupts that took the CPU from it
  std::uint64_t hard_ns = 0;
  std::uint64_t soft_count = 0;
  std::uint64_t soft_ns = 0;
  PerReason<WaitTotal> waits{};

  [[nodiscard]] std::uint64_t blocked_ns() const;
  [[nodiscard]] const WaitTotal& wait(Reason reason) const { return waits[static_cast<std::size_t>(reason)]; }
};

// Time in each wall-clock state. At every moment exactly one holds, so they sum to elapsed_ns, exactly.
struct Wall {
  std::uint64_t elapsed_ns = 0;
  std::uint64_t idle_ns = 0;
  std::uint64_t lock_ns = 0;
  std::uint64_t event_ns = 0;
  std::uint64_t io_ns = 0;
  std::uint64_t starved_ns = 0;
  std::vector<std::uint64_t> running_ns; // [k - 1]: with k threads running; the last also with more

  [[nodiscard]] std::uint64_t cpu_ns() const;
};

enum class ThreadState : std::uint8_t { kEnded, kOnCpu, kRunQueue, kBlocked };

struct ThreadSample {
  std::uint32_t tid = 0;
  std::string comm;
  std::uint64_t start_ns = 0; // tid and start_ns together never repeat
  ThreadState state = ThreadState::kEnded;
  std::optional<Reason> reason;         // while blocked
  std::optional<std::uint32_t> syscall; // while blocked in one
  Totals totals;
};

struct ProcessSample {
  std::uint32_t pid = 0; // 0: all processes that could not be told apart
  std::uint32_t ppid = 0;
  std::string comm;
  std::string command;
  std::uint64_t start_ns = 0; // pid and start_ns together never repeat
  bool ended = false;
  bool kernel_thread = false;
  std::uint32_t cpus_allowed = 0;
  std::uint32_t threads_seen = 0;
  Wall wall;
  Totals totals; // all threads, the ended ones too
  PerReason<Histogram> histograms{};
  std::vector<ThreadSample> threads;
};

struct InterruptOnCpu {
  std::uint32_t cpu = 0;
  std::uint64_t count = 0;
  std::uint64_t total_ns = 0;
};

struct InterruptSample {
  std::string name; // never the same for two interrupts
  std::uint64_t count = 0;
  std::uint64_t total_ns = 0;
  std::vector<InterruptOnCpu> per_cpu; // CPUs that saw one
};

struct SyscallSample {
  std::uint32_t number = 0;
  std::string name;
  std::uint64_t count = 0;
  std::uint64_t errors = 0;
  std::uint64_t eagain = 0;
};

// What was not seen.
struct Loss {
  std::uint64_t dropped = 0;          // switches of targets that no probe saw
  std::uint64_t map_full = 0;         // processes that could not be told apart
  std::uint64_t recursion_misses = 0; // runs that the kernel refused to a program
  std::uint64_t unseeded = 0;         // threads that could not be accounted at all
  // These are no losses: sums and times are right.
  std::uint64_t details_dropped = 0; // ended threads without a line of their own
  std::uint64_t inferred = 0;        // switches in and wakeups known from the kernel's own counters alone

  [[nodiscard]] std::uint64_t total() const { return dropped + map_full + recursion_misses + unseeded; }
};

struct Overhead {
  std::uint64_t events = 0;            // events that reached an account
  std::optional<std::uint64_t> bpf_ns; // known only with kernel.bpf_stats_enabled=1
  std::uint64_t own_cpu_ns = 0;        // of this process
};

struct Sample {
  std::uint64_t now_ns = 0; // CLOCK_MONOTONIC
  std::uint32_t cpus_online = 0;
  std::uint64_t threads_seen = 0;
  std::uint64_t processes_seen = 0;
  Wall wall;     // of the followed group
  Totals totals; // sum over `processes`
  PerReason<Histogram> histograms{};
  std::vector<ProcessSample> processes;
  std::optional<std::vector<InterruptSample>> hard; // of the machine; none: not probed
  std::optional<std::vector<InterruptSample>> soft;
  std::optional<std::vector<SyscallSample>> syscalls; // of the group; none: not probed
  Loss loss;
  Overhead overhead;
};

// `into` becomes the sum of both; maxima are combined.
void add(Totals& into, const Totals& other);
void add(PerReason<Histogram>& into, const PerReason<Histogram>& other);
void add(Wall& into, const Wall& other);

std::string_view reason_name(Reason reason);

} // namespace ctxray
