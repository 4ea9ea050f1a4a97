// SPDX-License-Identifier: GPL-2.0-or-later
// What was counted up to one moment: raw, absolute and free of any policy.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
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
  kJoin,
  kRequest, // of a server, for what its clients send
  kGil,     // for the lock of a language's interpreter
};
inline constexpr std::size_t kReasons = 17;
inline constexpr std::size_t kHistogramBuckets = 40;

template <typename T>
using PerReason = std::array<T, kReasons>;

// Bucket b counts waits of [2^b, 2^(b+1)) ns; the first also those of 0 ns, the last also all longer ones.
using Histogram = std::array<std::uint64_t, kHistogramBuckets>;
// Of the reasons that were met: most processes meet two or three.
using Histograms = std::map<Reason, Histogram>;

struct WaitTotal {
  std::uint64_t count = 0;        // waits begun
  std::uint64_t total_ns = 0;     // with the wait under way
  std::uint64_t max_ns = 0;       // longest so far
  std::uint64_t under_way_ns = 0; // part of total_ns that belongs to waits that have not ended
};

// What an event wait was for, as seen from what ended it and from the file that the thread then turned to.
enum class EventEnd : std::uint8_t { kTimeout, kNetwork, kRequest, kPipe, kTerminal, kSignal };
inline constexpr std::size_t kEventEnds = 6;

// Kinds of file that transfers are counted apart for.
enum class Transfer : std::uint8_t { kFile, kNetwork, kPipe, kTerminal, kOther };
inline constexpr std::size_t kTransfers = 5;

// A count and the time that belongs to it.
struct Tally {
  std::uint64_t count = 0;
  std::uint64_t total_ns = 0;
};

// What system calls did with files. All 0 where system calls are not probed.
struct Calls {
  std::uint64_t all = 0;
  std::array<std::uint64_t, kTransfers> transfers{}; // calls that moved data
  std::array<std::uint64_t, kTransfers> bytes{};
  std::uint64_t would_block = 0;      // I/O calls that ended in EAGAIN
  std::uint64_t multiplex = 0;        // select, poll, epoll
  std::uint64_t multiplex_events = 0; // what they returned, summed
  std::uint64_t multiplex_empty = 0;  // of them, returned nothing
  std::uint64_t submits = 0;          // calls that submitted asynchronous requests
  std::uint64_t submitted = 0;        // requests

  [[nodiscard]] std::uint64_t moved() const;
};

// Sums over the time accounted; on_cpu_ns + run_queue_ns + blocked_ns() == lifetime_ns, exactly.
struct Totals {
  std::uint64_t lifetime_ns = 0;
  std::uint64_t on_cpu_ns = 0;
  std::uint64_t run_queue_ns = 0;
  std::uint64_t wakeup_latency_ns = 0; // part of run_queue_ns: until an idle CPU, or its waker's, was free for it
  std::uint64_t voluntary = 0;         // equals the kernel's nvcsw since accounting began
  std::uint64_t involuntary = 0;       // equals the kernel's nivcsw since accounting began
  std::uint64_t switch_process = 0;
  std::uint64_t switch_thread = 0;
  std::uint64_t switch_resume = 0;
  std::uint64_t missed_switches = 0; // counted by the kernel, seen by no probe
  std::uint64_t inferred = 0;        // events that no probe saw either, but that the kernel's counters show and time
  std::uint64_t user_ns = 0;         // where its CPU time went, as the kernel's ticks sampled it: a hint, not exact
  std::uint64_t system_ns = 0;
  std::uint64_t idle_lock_ns = 0; // lock waits that showed only at their end, as far as the wall clock called them idle
  std::uint64_t hard_count = 0;   // interrupts that took the CPU from it
  std::uint64_t hard_ns = 0;
  std::uint64_t soft_count = 0;
  std::uint64_t soft_ns = 0;
  PerReason<WaitTotal> waits{};
  std::array<Tally, kEventEnds> events{}; // parts of the event waits; what is in none of them is not known
  Calls calls;

  [[nodiscard]] std::uint64_t blocked_ns() const;
  [[nodiscard]] const WaitTotal& wait(Reason reason) const { return waits[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] const Tally& event(EventEnd end) const { return events[static_cast<std::size_t>(end)]; }
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

enum class Waker : std::uint8_t { kTask, kSoftInterrupt, kInterrupt, kTimer, kUnknown };
inline constexpr std::size_t kWakers = 5;

// Who ended a thread's last wait.
struct LastWaker {
  Waker kind = Waker::kUnknown;
  std::uint32_t pid = 0; // of a task
  std::uint32_t tid = 0;
};

struct ThreadFacts {
  std::uint32_t tid = 0;
  std::string comm;
  std::uint64_t start_ns = 0; // tid and start_ns together never repeat
  ThreadState state = ThreadState::kEnded;
  std::optional<Reason> reason;         // while blocked
  std::optional<std::uint32_t> syscall; // while blocked in one
  LastWaker waker;
};

struct ThreadSample : ThreadFacts {
  Totals totals;
  Histograms histograms; // of the reasons that it met first
};

enum class FileKind : std::uint8_t {
  kUnknown,
  kRegular,
  kDirectory,
  kBlockDevice,
  kCharacterDevice,
  kTerminal,
  kPipe,
  kInternet,       // a connection that this side opened, or its datagram socket
  kInternetServer, // listening, accepted, or bound and open to anybody
  kUnix,
  kUnixServer,
  kNetlink,
  kEpoll,
  kEventfd,
  kTimerfd,
  kSignalfd,
  kInotify,
  kIoUring,
  kAnonymous,
};
inline constexpr std::size_t kFileKinds = 19;

// What a file descriptor stood for when it was first waited for.
struct FileIdentity {
  FileKind kind = FileKind::kUnknown;
  std::uint64_t inode = 0;
  bool ipv6 = false;
  bool stream = false; // a TCP socket, or another of streams
  bool connected = false;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  std::uint32_t peer_pid = 0; // other end of a Unix connection; 0: unknown
  std::array<std::uint8_t, 16> local{};
  std::array<std::uint8_t, 16> remote{};
  std::string name; // path, or as much of its end as is known
};

// A place where threads of a process wait.
struct SiteSample {
  Reason reason = Reason::kOther;
  std::optional<std::uint32_t> syscall; // number, with kCompatCall for 32-bit ones
  std::optional<std::uint64_t> object;  // file descriptor, or address of a futex
  std::uint64_t count = 0;              // ended waits
  std::uint64_t total_ns = 0;
  std::uint64_t max_ns = 0;
  std::array<std::uint64_t, kWakers> ended_by{};
  std::uint32_t waker_pid = 0; // who ended most of those that a task ended; 0: none
  std::uint32_t waker_tid = 0;
  std::string waker_name;
  FileIdentity file;
};

// Block requests of a target. Device time is summed over requests, so it can exceed the elapsed time.
struct BlockTotals {
  std::uint64_t requests = 0; // completed
  std::uint64_t writes = 0;   // of them
  std::uint64_t bytes = 0;
  std::uint64_t queue_ns = 0;      // begun, until given to the device
  std::uint64_t device_ns = 0;     // until the device was done
  std::uint64_t overlapped_ns = 0; // part of device_ns in which the process had a thread on a CPU
  std::uint64_t wakeups = 0;       // disk waits that a completion ended:
  std::uint64_t completion_ns = 0; // from the completion to the wakeup
  std::uint64_t run_queue_ns = 0;  // from the wakeup to running again
  std::uint64_t queued = 0;        // of the requests, those whose beginning was seen: queue_ns is theirs
};

enum class BlockStage : std::uint8_t { kQueue, kDevice, kCompletion, kRunQueue };
inline constexpr std::size_t kBlockStages = 4;

// The block path of the group; of the machine where it is said.
struct BlockSample {
  BlockTotals totals;
  std::array<Histogram, kBlockStages> stages{};
  std::uint64_t kernel_requests = 0; // of kernel threads that are no targets, on the whole machine: writeback, journal
  std::uint64_t kernel_bytes = 0;
};

// What is known of the language that a process runs. Asked only once its threads wait for futexes.
enum class Runtime : std::uint8_t {
  kUnknown,
  kOther,        // none with a lock of its own
  kPython,       // CPython: waits for its lock have a reason of their own
  kPythonUntold, // CPython whose lock cannot be told from others, or that has none
};
inline constexpr std::size_t kRuntimes = 4;

struct CoroutineSwitches {
  std::string runtime;
  std::uint64_t count = 0;
};

// What was seen of the coroutines of a process, or of several. Empty where they are not probed.
struct Coroutines {
  std::vector<CoroutineSwitches> switches; // of the runtimes that made any
  std::uint64_t untold = 0;                // calls of a probed function that may have been switches
  std::uint64_t probe_hits = 0;            // a hit need not be a switch
  std::uint64_t probe_ns = 0;              // that the hits took, estimated
  std::uint64_t loop_max_ns = 0; // longest time that an event loop with switches was away from its wait; 0: none seen

  [[nodiscard]] std::uint64_t total() const;
};

// How coroutines are probed.
struct CoroutineProbing {
  std::vector<std::string> probes;   // in words, for people
  std::vector<std::string> programs; // that have no function of a runtime themselves; the first of them
  std::string looked_for;            // the functions that a program may have
};

struct ProcessIdentity {
  std::uint32_t pid = 0;
  std::uint64_t start_ns = 0;
};

struct ProcessFacts {
  std::uint32_t pid = 0; // 0: all processes that could not be told apart
  std::uint32_t ppid = 0;
  std::string comm;
  std::string command;
  std::string user;           // name or number; empty: not known
  std::uint64_t start_ns = 0; // pid and start_ns together never repeat
  bool ended = false;
  bool kernel_thread = false;
  std::uint32_t cpus_allowed = 0;
  std::optional<double> cpu_quota; // CPUs that its cgroups allow it; none: no limit, or not known
  std::uint32_t threads_seen = 0;
  Runtime runtime = Runtime::kUnknown;
  Wall wall;
  BlockTotals block;
  Coroutines coroutines;
  std::vector<SiteSample> sites;
};

struct ProcessSample : ProcessFacts {
  Totals totals; // all threads, the ended ones too
  Histograms histograms;
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
  std::uint64_t timed = 0; // of them, measured: where it is less than all, `total_ns` is an estimate
  std::uint64_t total_ns = 0;
  std::vector<InterruptOnCpu> per_cpu; // CPUs that saw one
};

// What a CPU did for the targets.
struct CpuSample {
  std::uint32_t cpu = 0;
  std::uint64_t on_cpu_ns = 0;
  std::uint64_t switch_process = 0;
  std::uint64_t switch_thread = 0;
  std::uint64_t switch_resume = 0;
  std::uint64_t run_queue_ns = 0; // that threads had waited in a run queue before they came here
  Histogram run_queue{};          // of the same, by its length
};

struct SyscallSample {
  std::uint32_t number = 0; // with kCompatCall for 32-bit ones
  std::string name;
  std::uint64_t count = 0;
  std::uint64_t errors = 0;
  std::uint64_t eagain = 0;
  std::uint64_t eintr = 0;
  std::uint64_t blocks = 0; // waits in it that ended
  std::uint64_t blocked_ns = 0;
};
// Added to the numbers of 32-bit calls on a 64-bit kernel, which mean something else.
inline constexpr std::uint32_t kCompatCall = 512;

// System calls were looked at only now and then; their counts are estimates.
struct CallSampling {
  double weight = 1;     // calls that one which was seen stands for, on average
  double dispersion = 1; // variance of what a slice of time shows, over its mean

  // Half the width of the range in which 19 of 20 such counts lie.
  [[nodiscard]] double error(std::uint64_t count) const;
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
  std::uint64_t sites_full = 0;      // waits whose place found no room: in no list of places
  std::uint64_t requests_full = 0;   // block requests that found no room: in no figure of the block path
  std::uint64_t withheld = 0;        // executed programs that the user may not be shown: their processes end there

  [[nodiscard]] std::uint64_t total() const { return dropped + map_full + recursion_misses + unseeded; }
};

// What can be left out so that the rest costs less, in the order in which it goes.
enum class Shed : std::uint8_t {
  kSyscalls,
  kBlock,      // requests
  kInterrupts, // and who ended waits, which they tell
  kPlaces,
};
inline constexpr std::size_t kSheds = 4;

// That a share of the time of all CPUs is not to be exceeded, and what was left out for that.
struct Budget {
  double share = 0;
  std::vector<Shed> shed;
};

struct Overhead {
  std::uint64_t events = 0;            // events that reached an account
  std::optional<std::uint64_t> bpf_ns; // CPU time of the programs, an estimate; none: not measured
  std::uint64_t own_cpu_ns = 0;        // of this process
  std::optional<Budget> budget;        // none: there is none
};

// All of a sample but its processes.
struct SystemSample {
  std::uint64_t now_ns = 0; // CLOCK_MONOTONIC
  std::uint32_t cpus_online = 0;
  std::optional<std::array<double, 3>> load; // averages of the machine over 1, 5 and 15 minutes
  std::uint64_t threads_seen = 0;
  std::uint64_t processes_seen = 0;
  Wall wall;     // of the followed group
  Totals totals; // sum over the processes
  Histograms histograms;
  std::vector<CpuSample> cpus;                      // empty: not kept
  std::optional<std::vector<InterruptSample>> hard; // of the machine; none: not probed
  std::optional<std::vector<InterruptSample>> soft;
  std::optional<std::vector<SyscallSample>> syscalls; // of the group; none: not probed
  std::optional<CallSampling> call_sampling;          // none: all calls are in `syscalls`
  std::optional<BlockSample> block;                   // none: not probed
  std::optional<CoroutineProbing> coroutine_probing;  // none: not probed
  Loss loss;
  Overhead overhead;
};

struct Sample : SystemSample {
  std::vector<ProcessSample> processes;
  // Of a sample of changes: processes that are not above, since nothing has happened to any of their threads since the
  // sample before. Their waits go on; what SystemSample sums up over processes is without them.
  std::vector<ProcessIdentity> quiet;
};

// `into` becomes the sum of both; maxima are combined.
void add(Totals& into, const Totals& other);
void add(Histograms& into, const Histograms& other);
void add(Wall& into, const Wall& other);
void add(BlockTotals& into, const BlockTotals& other);
void add(Coroutines& into, const Coroutines& other);

// Events of the probes that reached an account, as far as they are counted.
std::uint64_t events_of(const SystemSample& sample);

std::string_view reason_name(Reason reason);
std::string_view shed_name(Shed shed);

} // namespace ctxray
