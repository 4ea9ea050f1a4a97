// SPDX-License-Identifier: GPL-2.0-or-later
// The arithmetic of records: conservation of time is made here.
#include "probes/decode.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace ctxray {

namespace {

static_assert(kReasons == WAIT_COUNT && kReasons <= WIRE_WAITS);
static_assert(kHistogramBuckets == WIRE_HIST);
static_assert(static_cast<int>(Reason::kGil) == WAIT_GIL);
static_assert(kRuntimes == RUNTIME_COUNT && static_cast<int>(Runtime::kPythonUntold) == RUNTIME_PYTHON_UNTOLD);
static_assert(static_cast<int>(Reason::kParked) == WAIT_PARKED);
static_assert(kEventEnds == EVENT_COUNT && static_cast<int>(EventEnd::kSignal) == EVENT_SIGNAL);
static_assert(kTransfers == TRANSFER_COUNT && static_cast<int>(Transfer::kOther) == TRANSFER_OTHER);
static_assert(kFileKinds == FILE_KINDS && static_cast<int>(FileKind::kAnonymous) == FILE_ANONYMOUS);
static_assert(kWakers == WAKER_COUNT && static_cast<int>(Waker::kTimer) == WAKER_TIMER);
static_assert(kBlockStages == STAGE_COUNT && kCompatCall == WIRE_COMPAT);

template <std::size_t N>
std::string text_of(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

// Arguments are ended by NUL; for people they are joined by blanks.
std::string command_of(const process_rec& raw) {
  std::string command(raw.args, WIRE_ARGS);
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  return command;
}

// The wait with which the interval under way began.
void add_wait(Totals& totals, std::size_t reason, std::uint64_t ns, bool under_way) {
  WaitTotal& wait = totals.waits[std::min(reason, kReasons - 1)];
  wait.count += 1;
  wait.total_ns += ns;
  wait.max_ns = std::max(wait.max_ns, ns);
  if (under_way) wait.under_way_ns += ns;
}

void add_interval_under_way(ThreadSample& thread, const thread_rec& rec, std::uint64_t ns) {
  switch (thread.state) {
    case ThreadState::kOnCpu:
      thread.totals.on_cpu_ns += ns;
      break;
    case ThreadState::kBlocked:
      add_wait(thread.totals, rec.reason, ns, true);
      break;
    case ThreadState::kRunQueue: {
      std::uint64_t blocked = 0;
      if (rec.waiting != 0) {
        blocked = rec.wake_ns > rec.last_ns ? std::min<std::uint64_t>(rec.wake_ns - rec.last_ns, ns) : 0;
        add_wait(thread.totals, rec.reason, blocked, false);
      }
      thread.totals.run_queue_ns += ns - blocked;
      break;
    }
    case ThreadState::kEnded:
      break;
  }
}

ThreadState state_of(const thread_rec& rec) {
  if (rec.state == THREAD_ON_CPU) return ThreadState::kOnCpu;
  if (rec.state == THREAD_RUN_QUEUE) return ThreadState::kRunQueue;
  return (rec.state & THREAD_BLOCKED) != 0 ? ThreadState::kBlocked : ThreadState::kEnded;
}

std::size_t current_bucket(const wall& raw) {
  const std::uint64_t running = raw.high & 0xffff;
  if (running > 0) return WALL_RUNNING + std::min<std::uint64_t>(running, WIRE_PARALLEL) - 1;
  if ((raw.high >> 16 & 0xffffff) > 0) return WALL_STARVED;
  if (raw.high >> 40 > 0) return WALL_IO;
  if ((raw.low & 0xffffffff) > 0) return WALL_EVENT;
  return raw.low > 0 ? WALL_LOCK : WALL_IDLE;
}

// Of differences of times: a record that is read while it changes can be a few ns ahead of its reader, or short of
// nothing, which must not count as centuries.
bool is_less(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b); }

// Two CPUs that change the state in the same instant can leave a bucket a few ns short of nothing: what other buckets
// got too much is taken back from the fullest, so that the sum stays.
void settle_negative(std::array<std::uint64_t, WIRE_WALL>& bucket_ns) {
  for (std::uint64_t& ns : bucket_ns)
    while (is_less(ns, 0)) {
      std::uint64_t& fullest = *std::max_element(bucket_ns.begin(), bucket_ns.end(), is_less);
      if (!is_less(0, fullest)) return;
      const std::uint64_t taken = std::min(-ns, fullest);
      fullest -= taken;
      ns += taken;
    }
}

Calls decode_calls(const call_counts& raw) {
  Calls calls;
  calls.all = raw.all;
  std::copy(std::begin(raw.transfers), std::end(raw.transfers), calls.transfers.begin());
  std::copy(std::begin(raw.bytes), std::end(raw.bytes), calls.bytes.begin());
  calls.would_block = raw.would_block;
  calls.multiplex = raw.multiplex;
  calls.multiplex_events = raw.multiplex_events;
  calls.multiplex_empty = raw.multiplex_empty;
  calls.submits = raw.submits;
  calls.submitted = raw.submitted;
  return calls;
}

FileIdentity decode_file(const file_identity& raw) {
  FileIdentity file;
  file.kind = static_cast<FileKind>(std::min<std::size_t>(raw.kind, kFileKinds - 1));
  file.inode = raw.inode;
  file.ipv6 = raw.family == AF_INET6;
  file.stream = raw.type == SOCK_STREAM;
  file.connected = raw.remote_port != 0;
  file.local_port = raw.local_port;
  file.remote_port = raw.remote_port;
  file.peer_pid = raw.peer_pid;
  std::copy(std::begin(raw.local), std::end(raw.local), file.local.begin());
  std::copy(std::begin(raw.remote), std::end(raw.remote), file.remote.begin());
  file.name = text_of(raw.name);
  if (const std::string parent = text_of(raw.parent); !parent.empty() && parent != "/" && file.name != "/")
    file.name = parent + "/" + file.name;
  return file;
}

} // namespace

Totals decode_totals(const thread_totals& raw) {
  const thread_sums& sums = raw.sums;
  Totals totals;
  totals.lifetime_ns = sums.lifetime_ns;
  totals.on_cpu_ns = sums.on_cpu_ns;
  totals.run_queue_ns = sums.run_queue_ns;
  totals.wakeup_latency_ns = sums.wakeup_latency_ns;
  totals.voluntary = sums.voluntary;
  totals.involuntary = sums.involuntary;
  totals.switch_process = sums.switch_process;
  totals.switch_thread = sums.switch_thread;
  totals.switch_resume = sums.switch_resume;
  totals.missed_switches = sums.missed_switches;
  totals.inferred = sums.inferred;
  totals.user_ns = sums.user_ns;
  totals.system_ns = sums.system_ns;
  totals.idle_lock_ns = sums.idle_lock_ns;
  totals.hard_count = sums.hard_count;
  totals.hard_ns = sums.hard_ns;
  totals.soft_count = sums.soft_count;
  totals.soft_ns = sums.soft_ns;
  for (std::size_t i = 0; i < kReasons; ++i)
    totals.waits[i] = {raw.waits[i].count, raw.waits[i].total_ns, raw.waits[i].max_ns, 0};
  for (std::size_t i = 0; i < kEventEnds; ++i) totals.events[i] = {sums.events[i].count, sums.events[i].total_ns};
  totals.calls = decode_calls(sums.calls);
  return totals;
}

ThreadSample decode_thread(const thread_sample& raw) {
  ThreadSample thread;
  thread.tid = raw.rec.tid;
  thread.comm = text_of(raw.comm);
  thread.start_ns = raw.rec.start_ns;
  thread.state = state_of(raw.rec);
  if (raw.rec.wake_ns != 0 && raw.rec.waker < kWakers) {
    thread.waker.kind = static_cast<Waker>(raw.rec.waker);
    thread.waker.pid = static_cast<std::uint32_t>(raw.rec.waker_task >> 32);
    thread.waker.tid = static_cast<std::uint32_t>(raw.rec.waker_task);
  }
  thread.totals = decode_totals(raw.rec.totals);
  for (std::size_t reason = 0; reason < kReasons; ++reason) {
    const std::size_t index = raw.rec.totals.waits[reason].hist;
    if (index == 0 || index > WIRE_THREAD_HISTS) continue;
    const auto& buckets = raw.rec.hist[index - 1];
    std::copy(std::begin(buckets), std::end(buckets), thread.histograms[static_cast<Reason>(reason)].begin());
  }
  if (thread.state == ThreadState::kEnded) return thread;
  thread.totals.user_ns = raw.user_ns - raw.rec.user_base_ns;
  thread.totals.system_ns = raw.system_ns - raw.rec.system_base_ns;
  if (thread.state == ThreadState::kBlocked) {
    thread.reason = static_cast<Reason>(std::min<std::size_t>(raw.rec.reason, kReasons - 1));
    if (raw.rec.syscall != ~0U) thread.syscall = raw.rec.syscall;
  }
  const std::uint64_t accounted = thread.totals.on_cpu_ns + thread.totals.run_queue_ns + thread.totals.blocked_ns();
  const std::uint64_t lifetime = std::max<std::uint64_t>(raw.now_ns - raw.rec.start_ns, accounted, is_less);
  add_interval_under_way(thread, raw.rec, lifetime - accounted);
  thread.totals.lifetime_ns = lifetime;
  return thread;
}

Wall decode_wall(const wall& raw, std::uint64_t now_ns) {
  Wall wall;
  if (raw.start_ns == 0) return wall; // accounting has not begun
  std::array<std::uint64_t, WIRE_WALL> bucket_ns{};
  std::copy(std::begin(raw.bucket_ns), std::end(raw.bucket_ns), bucket_ns.begin());
  const std::uint64_t accounted = std::accumulate(bucket_ns.begin(), bucket_ns.end(), std::uint64_t{0});
  wall.elapsed_ns = std::max<std::uint64_t>({now_ns - raw.start_ns, accounted, 0}, is_less);
  bucket_ns[current_bucket(raw)] += wall.elapsed_ns - accounted;
  settle_negative(bucket_ns);
  wall.idle_ns = bucket_ns[WALL_IDLE];
  wall.lock_ns = bucket_ns[WALL_LOCK];
  wall.event_ns = bucket_ns[WALL_EVENT];
  wall.io_ns = bucket_ns[WALL_IO];
  wall.starved_ns = bucket_ns[WALL_STARVED];
  wall.running_ns.assign(bucket_ns.begin() + WALL_RUNNING, bucket_ns.end());
  while (!wall.running_ns.empty() && wall.running_ns.back() == 0) wall.running_ns.pop_back();
  return wall;
}

BlockTotals decode_block(const block_totals& raw) {
  return {raw.requests,      raw.writes,  raw.bytes,         raw.queue_ns,    raw.device_ns,
          raw.overlapped_ns, raw.wakeups, raw.completion_ns, raw.run_queue_ns};
}

CpuSample decode_cpu(std::uint32_t cpu, const cpu_total& raw, std::uint64_t now_ns) {
  CpuSample sample;
  sample.cpu = cpu;
  sample.on_cpu_ns = raw.on_cpu_ns + (raw.since_ns != 0 && raw.since_ns < now_ns ? now_ns - raw.since_ns : 0);
  sample.switch_process = raw.switch_process;
  sample.switch_thread = raw.switch_thread;
  sample.switch_resume = raw.switch_resume;
  sample.run_queue_ns = raw.run_queue_ns;
  std::copy(std::begin(raw.hist), std::end(raw.hist), sample.run_queue.begin());
  return sample;
}

SiteSample decode_site(const site_key& key, const site& raw) {
  SiteSample sample;
  sample.reason = static_cast<Reason>(std::min<std::size_t>(key.reason, kReasons - 1));
  if (key.syscall < WIRE_CALLS) sample.syscall = key.syscall;
  if (key.object != WIRE_NO_OBJECT) sample.object = key.object;
  sample.count = raw.count;
  sample.total_ns = raw.total_ns;
  sample.max_ns = raw.max_ns;
  std::copy(std::begin(raw.ended_by), std::end(raw.ended_by), sample.ended_by.begin());
  sample.waker_pid = static_cast<std::uint32_t>(raw.waker >> 32);
  sample.waker_tid = static_cast<std::uint32_t>(raw.waker);
  sample.file = decode_file(raw.file);
  return sample;
}

ProcessSample decode_process(const process_rec& raw, std::uint64_t now_ns) {
  ProcessSample process;
  process.pid = raw.pid;
  process.ppid = raw.ppid;
  process.comm = text_of(raw.comm);
  process.command = command_of(raw);
  process.start_ns = raw.wall.start_ns;
  process.ended = raw.end_ns != 0;
  process.kernel_thread = raw.kernel_thread != 0;
  process.cpus_allowed = raw.cpus_allowed;
  process.threads_seen = raw.threads_seen;
  process.runtime = static_cast<Runtime>(std::min<std::size_t>(raw.runtime, kRuntimes - 1));
  process.wall = decode_wall(raw.wall, process.ended ? raw.end_ns : now_ns);
  process.totals = decode_totals(raw.ended);
  process.block = decode_block(raw.block);
  for (std::size_t reason = 0; reason < kReasons; ++reason) {
    const auto& buckets = raw.hist[reason];
    if (std::any_of(std::begin(buckets), std::end(buckets), [](std::uint64_t count) { return count > 0; }))
      std::copy(std::begin(buckets), std::end(buckets), process.histograms[static_cast<Reason>(reason)].begin());
  }
  return process;
}

} // namespace ctxray
