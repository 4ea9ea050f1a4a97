// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as records of the kernel side: times add up, and none is negative where the record's are not.
#include "probes/decode.h"

#include "probes/sites.h"
#include "tests/fuzz/records.h"

namespace ctxray::fuzz {
namespace {

void require_not_negative(std::uint64_t ns) { require(ns >> 63 == 0, "no time is negative"); }

void check_thread(const thread_sample& raw, bool tamed) {
  const ThreadSample thread = decode_thread(raw);
  const Totals& totals = thread.totals;
  require(thread.comm.size() <= sizeof(raw.comm), "a name is no longer than its field");
  if (thread.state == ThreadState::kEnded) return; // as the kernel side wrote it
  require(totals.on_cpu_ns + totals.run_queue_ns + totals.blocked_ns() == totals.lifetime_ns,
          "the accounts of a thread sum to its lifetime");
  if (!tamed) return;
  for (const std::uint64_t ns : {totals.on_cpu_ns, totals.run_queue_ns, totals.blocked_ns(), totals.lifetime_ns})
    require_not_negative(ns);
  if (raw.now_ns >= raw.rec.start_ns)
    require(totals.lifetime_ns >= raw.now_ns - raw.rec.start_ns, "a lifetime is that since the beginning, or longer");
}

void check_wall(const Wall& wall, bool tamed) {
  require(wall.cpu_ns() + wall.starved_ns + wall.io_ns + wall.event_ns + wall.lock_ns + wall.idle_ns == wall.elapsed_ns,
          "the states of the wall clock sum to the time elapsed");
  require(wall.running_ns.size() <= WIRE_PARALLEL, "no more threads run than can be told apart");
  if (!tamed) return;
  for (const std::uint64_t ns :
       {wall.elapsed_ns, wall.starved_ns, wall.io_ns, wall.event_ns, wall.lock_ns, wall.idle_ns})
    require_not_negative(ns);
  for (const std::uint64_t ns : wall.running_ns) require_not_negative(ns);
}

void check_process(const process_rec& raw, std::uint64_t now_ns, bool tamed) {
  const ProcessSample process = decode_process(raw, now_ns);
  require(process.command.size() <= WIRE_ARGS && process.command.find('\0') == std::string::npos,
          "arguments are joined");
  check_wall(process.wall, tamed);
}

void check_sites(Bytes& bytes, const thread_rec& thread) {
  const auto key = make_record<site_key>(bytes);
  const auto raw = make_record<site>(bytes);
  const SiteSample site = decode_site(key, raw);
  require(!site.syscall || *site.syscall < WIRE_CALLS, "calls that are not known have no number");
  std::vector<site_run> runs;
  append_runs(runs, thread);
  std::vector<Site> sites = {{key, raw}};
  if (!runs.empty() && bytes.number() % 2 == 0) sites.push_back({runs.front().key, raw});
  std::uint64_t waits = 0, after = 0;
  for (const Site& one : sites) waits += one.value.count;
  for (const site_run& run : runs) waits += run.count;
  after = add_runs(sites, runs);
  for (const Site& one : sites) after += one.value.count;
  require(waits == after, "no wait is lost between a thread and its places");
}

} // namespace
} // namespace ctxray::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctxray::fuzz;
  Bytes bytes(data, size);
  const bool tamed = bytes.number() % 2 == 0;
  auto now_ns = bytes.number<__u64>();
  auto thread = make_record<thread_sample>(bytes);
  auto process = make_record<process_rec>(bytes);
  if (tamed) {
    tame(now_ns);
    tame(thread);
    tame(process);
  }
  check_thread(thread, tamed);
  check_process(process, now_ns, tamed);
  check_wall(ctxray::decode_wall(process.wall, now_ns), tamed);
  auto cpu = make_record<cpu_total>(bytes);
  tame(cpu.on_cpu_ns);
  require(ctxray::decode_cpu(0, cpu, now_ns).on_cpu_ns >= cpu.on_cpu_ns || !tamed, "a counter only rises");
  check_sites(bytes, thread.rec);
  return 0;
}
