// SPDX-License-Identifier: GPL-2.0-or-later
// Samples of what has changed: where most threads sleep, nearly all of the work of a sample is saved.
#include <algorithm>
#include <utility>

#include "probes/clock.h"
#include "probes/decode.h"
#include "probes/tracer.h"

namespace ctxray {

namespace {

// A switch may bear a time up to a tick before it (bpf/clock.bpf.h), so this long before a pass it may have escaped it.
constexpr std::uint64_t kLatest = 20'000'000;

} // namespace

// For the next pass, and what /proc tells once. Done for all processes before the sample is put together, which soon
// goes: what stays would lie between its parts otherwise, and keep nearly all of that memory.
void Tracer::remember(std::uint32_t slot, const Seen& seen) {
  Known& known = known_[slot];
  decltype(known.threads) threads;
  for (const thread_sample* raw : seen.all) threads.emplace(raw->rec.tid, *raw);
  for (const std::uint32_t tid : seen.quiet)
    if (auto found = known.threads.find(tid); found != known.threads.end())
      threads.insert(known.threads.extract(found));
  known.threads = std::move(threads);
  const volatile process_rec& record = kernel_.process(slot);
  resolver_.remember(record.pid, record.wall.start_ns);
}

// The process with all its threads: those that slept are as they were, with the time since added.
ProcessSample Tracer::read_changed(std::uint32_t slot, const Seen& seen, std::vector<site_run>& runs) {
  Known& known = known_[slot];
  const process_rec record = kernel_.read_process(slot);
  const std::uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  ProcessSample process = decode(slot, record, now_ns);
  const auto take = [&](const thread_sample& raw) {
    process.threads.push_back(decode_thread(raw));
    append_runs(runs, raw.rec);
    if (raw.rec.tid == process.pid) process.cpus_allowed = raw.cpus_allowed;
    add(process.totals, process.threads.back().totals);
    add(process.histograms, process.threads.back().histograms);
  };
  process.threads.reserve(seen.all.size() + seen.quiet.size()); // no holes in which what is kept would settle
  for (const thread_sample* raw : seen.all) take(*raw);
  for (const std::uint32_t tid : seen.quiet)
    if (auto found = known.threads.find(tid); found != known.threads.end()) {
      thread_sample raw = found->second.unpack();
      raw.now_ns = now_ns;
      take(raw);
    }
  known.identity = {process.pid, process.start_ns};
  known.folds = record.folds_begun;
  return process;
}

// False: a thread ended meanwhile, so that it may be in both its own record and its process's sum, or in neither.
bool Tracer::read_pass(Pass& pass) {
  const std::uint64_t folds = kernel_.folds();
  pass.begin_ns = clock_ns(CLOCK_MONOTONIC);
  pass.threads = kernel_.read_threads(quiet_since_ns_);
  if (kernel_.folds() == folds) return true;
  bool stable = true;
  for (const std::uint32_t slot : slots_) {
    const volatile process_rec& record = kernel_.process(slot);
    const std::uint64_t begun = record.folds_begun;
    if (begun == record.folds_done && begun == known_.at(slot).folds) continue;
    auto [seen, is_new] = pass.folds.emplace(slot, begun);
    if (!is_new && seen->second == begun && begun == record.folds_done) continue;
    seen->second = begun;
    stable = false;
  }
  return stable;
}

// Tells the processes apart that something has happened to.
void Tracer::take_pass(const Pass& pass, BySlot& by_slot, std::vector<ProcessIdentity>& quiet) {
  std::vector<site_run> runs;
  std::vector<std::uint32_t> quiet_threads(known_.size());
  std::map<std::uint32_t, Seen> changed;
  for (const thread_sample& thread : pass.threads.all) {
    slots_.insert(thread.rec.slot);
    changed[thread.rec.slot].all.push_back(&thread);
  }
  for (const quiet_thread& thread : pass.threads.quiet) ++quiet_threads.at(thread.slot);
  for (const std::uint32_t slot : slots_) {
    const Known& known = known_[slot];
    if (known.identity.start_ns == 0 || quiet_threads[slot] != known.threads.size() || slot == WIRE_OVERFLOW_SLOT)
      changed[slot];
    else if (changed.count(slot) == 0)
      quiet.push_back(known.identity);
  }
  for (const quiet_thread& thread : pass.threads.quiet)
    if (auto found = changed.find(thread.slot); found != changed.end()) found->second.quiet.push_back(thread.tid);
  for (const auto& [slot, seen] : changed) remember(slot, seen);
  by_slot.reserve(changed.size());
  for (const auto& [slot, seen] : changed) by_slot.emplace_back(slot, read_changed(slot, seen, runs));
  if (!by_slot.empty()) read_sites(by_slot, runs);
  quiet_since_ns_ = pass.begin_ns - kLatest;
}

void Tracer::read_changed_processes(Sample& sample) {
  constexpr int kTries = 8; // then what was seen last is taken; the next sample sets it right
  known_.resize(plan_.slots);
  Pass pass;
  for (int tries = 0; tries < kTries; ++tries) {
    drain();
    if (read_pass(pass)) break;
  }
  BySlot by_slot;
  take_pass(pass, by_slot, sample.quiet);
  for (auto& [slot, process] : by_slot) {
    if (slot == WIRE_OVERFLOW_SLOT) process.comm = "(others)";
    complete(process);
    ledger_.append_threads(process);
    sample.processes.push_back(std::move(process));
  }
  ended_told_ = ledger_.append_ended_since(sample.processes, ended_told_);
  kernel_.release_processes();
}

Sample Tracer::read_changes() {
  Sample sample;
  read_changed_processes(sample);
  finish(sample);
  return sample;
}

} // namespace ctxray
