// SPDX-License-Identifier: GPL-2.0-or-later
// Takes in each sample once; what is drawn is then looked up.
#include "userspace/tui/board.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "userspace/counters.h"
#include "userspace/quiet.h"

namespace ctxray::tui {

namespace {

constexpr std::size_t kKeepEnded = 120;  // intervals for which an ended process can still be looked at
constexpr std::size_t kMostEnded = 1024; // of them; where more end meanwhile, the longest gone give way

PerReason<std::uint16_t> waiting_threads(const ProcessSample& process) {
  PerReason<std::uint16_t> waiting{};
  for (const ThreadSample& thread : process.threads)
    if (thread.state == ThreadState::kBlocked)
      ++waiting.at(static_cast<std::size_t>(thread.reason.value_or(Reason::kOther)));
  return waiting;
}

// All that there is in a quiet interval: so many threads waited for so long.
void add_waits(Totals& into, const PerReason<std::uint64_t>& threads, std::uint64_t ns) {
  for (std::size_t i = 0; i < kReasons; ++i) {
    into.lifetime_ns += threads[i] * ns;
    into.waits[i].total_ns += threads[i] * ns;
    into.waits[i].under_way_ns += threads[i] * ns;
  }
}

bool is(const Entry& entry, const ProcessIdentity& identity) {
  return entry.interval.pid == identity.pid && entry.interval.start_ns == identity.start_ns;
}

} // namespace

Subject subject_of(const ProcessSample& process) { return {process.pid, process.start_ns, 0, 0}; }

Subject subject_of(const ProcessSample& process, const ThreadSample& thread) {
  return {process.pid, process.start_ns, thread.tid, thread.start_ns};
}

const std::vector<ThreadSample>& Entry::threads() const {
  if (!quiet) return interval.threads;
  if (asleep.empty()) asleep = quiet_interval(whole.restore(), interval.wall.elapsed_ns).threads;
  return asleep;
}

ProcessSample Entry::interval_with_threads() const {
  ProcessSample process = interval;
  process.threads = threads();
  return process;
}

Board::Board(const Board& other)
    : notice(other.notice),
      entries_(other.entries_),
      round_(other.round_),
      interval_(other.interval_),
      evidence_(other.evidence_),
      machine_(other.machine_) {
  for (const auto& [subject, entry] : entries_)
    if (entry.round == round_) present_.push_back(&entry);
}

Board& Board::operator=(const Board& other) { return *this = Board(other); }

double Board::of_interval(std::uint64_t ns) const {
  return interval_s() <= 0 ? 0 : static_cast<double>(ns) / (interval_s() * 1e9);
}

double Board::per_second(std::uint64_t count) const {
  return interval_s() <= 0 ? 0 : static_cast<double>(count) / interval_s();
}

void Board::judge(Entry& entry) {
  const Evidence evidence = evidence_of(entry.interval, interval_.cpus_online);
  entry.classified = classify(evidence);
  entry.states = judged_states(evidence);
}

// While it was quiet, its record stood still: that time is not part of this interval.
void Board::take_changed(const ProcessSample& process, std::uint64_t before_ns) {
  auto [found, is_new] = entries_.try_emplace(subject_of(process));
  Entry& entry = found->second;
  if (is_new) {
    entry.interval = process;
  } else {
    ProcessSample before = entry.whole.restore();
    if (entry.as_of_ns < before_ns) advance(before, before_ns - entry.as_of_ns);
    entry.interval = difference(process, before);
  }
  entry.whole = Resting(process);
  entry.asleep = std::vector<ThreadSample>();
  entry.as_of_ns = interval_.now_ns;
  entry.quiet = false;
  judge(entry);
  entry.trace.add(entry.states, entry.classified.verdict_class, entry.classified.confidence);
  entry.round = round_;
  present_.push_back(&entry);
}

// They come in the order of the round before, but for some that were not quiet then, or are not now.
void Board::take_quiet(const std::vector<ProcessIdentity>& quiet) {
  constexpr std::size_t kNear = 8;
  const std::vector<Entry*> before = std::exchange(quiet_, {});
  quiet_.reserve(quiet.size());
  std::size_t next = 0;
  for (const ProcessIdentity& identity : quiet) {
    const std::size_t end = std::min(before.size(), next + kNear);
    std::size_t at = next;
    while (at < end && !is(*before[at], identity)) ++at;
    Entry* entry = nullptr;
    if (at < end) {
      entry = before[at];
      next = at + 1;
    } else if (const auto found = entries_.find({identity.pid, identity.start_ns, 0, 0}); found != entries_.end()) {
      entry = &found->second;
    }
    if (entry == nullptr) continue;
    take_quiet(*entry);
    quiet_.push_back(entry);
  }
}

// An interval asleep is like the one before.
void Board::take_quiet(Entry& entry) {
  const std::uint64_t ns = interval_.wall.elapsed_ns, before = entry.interval.wall.elapsed_ns;
  const bool same = entry.quiet && ns < before + before / 4 && before < ns + ns / 4;
  if (!same) {
    entry.interval = quiet_interval(entry.whole.restore(), ns);
    entry.waiting = waiting_threads(entry.interval);
    entry.quiet = true;
    entry.asleep = std::vector<ThreadSample>();
    judge(entry);
    entry.interval.threads = std::vector<ThreadSample>();
  }
  entry.trace.add(entry.states, entry.classified.verdict_class, entry.classified.confidence);
  entry.round = round_;
  present_.push_back(&entry);
}

void Board::forget_ended() {
  if (entries_.size() == present_.size()) return;
  for (auto at = entries_.begin(); at != entries_.end();)
    at = at->second.round + kKeepEnded < round_ ? entries_.erase(at) : std::next(at);
  std::vector<decltype(entries_)::iterator> gone;
  for (auto at = entries_.begin(); at != entries_.end(); ++at)
    if (at->second.round < round_) gone.push_back(at);
  if (gone.size() <= kMostEnded) return;
  const auto kept = gone.end() - kMostEnded;
  std::nth_element(gone.begin(), kept, gone.end(),
                   [](const auto& a, const auto& b) { return a->second.round < b->second.round; });
  std::for_each(gone.begin(), kept, [this](const auto& at) { entries_.erase(at); });
}

// What samples of changes leave to their reader.
void Board::sum_up() {
  interval_.totals = {};
  interval_.histograms = {};
  std::vector<const ProcessSample*> active;
  PerReason<std::uint64_t> waiting{};
  BlockTotals block;
  for (const Entry* entry : present_) {
    if (entry->quiet) {
      for (std::size_t i = 0; i < kReasons; ++i) waiting[i] += entry->waiting[i];
      continue;
    }
    ctxray::add(interval_.totals, entry->interval.totals);
    ctxray::add(interval_.histograms, entry->interval.histograms);
    ctxray::add(block, entry->interval.block);
    active.push_back(&entry->interval);
  }
  add_waits(interval_.totals, waiting, interval_.wall.elapsed_ns);
  if (interval_.block) interval_.block->totals = block;
  interval_.loss.dropped = interval_.totals.missed_switches;
  interval_.loss.inferred = interval_.totals.inferred;
  interval_.overhead.events = events_of(interval_);
  evidence_ = evidence_of(interval_, active);
  const Classified machine = classify(evidence_);
  machine_.add(judged_states(evidence_), machine.verdict_class, machine.confidence);
}

// `sample` as if it were an interval.
void Board::show_whole(const Sample& sample) {
  ++round_;
  interval_ = sample;
  present_.clear();
  // What stays is made before that which goes when they sleep, so that it does not lie in between.
  for (const ProcessSample& process : sample.processes) entries_[subject_of(process)].whole = Resting(process);
  for (const ProcessSample& process : sample.processes) {
    Entry& entry = entries_[subject_of(process)];
    entry.interval = process;
    entry.as_of_ns = sample.now_ns;
    entry.quiet = false;
    entry.round = round_;
    judge(entry);
    present_.push_back(&entry);
  }
}

void Board::begin(const SamplePtr& first) {
  entries_.clear();
  quiet_.clear();
  show_whole(*first);
  interval_.wall = {}; // no rates yet
}

void Board::add(const SamplePtr& current, const SamplePtr& previous) {
  if (round_ == 0) begin(previous);
  ++round_;
  interval_ = difference(*current, *previous);
  present_.clear();
  for (const ProcessSample& process : current->processes) take_changed(process, previous->now_ns);
  take_quiet(current->quiet);
  forget_ended();
  sum_up();
}

void Board::conclude(const SamplePtr& last) {
  show_whole(*last);
  for (auto& [subject, entry] : entries_)
    if (entry.round == round_ && entry.trace.size() == 0)
      entry.trace.add(entry.states, entry.classified.verdict_class, entry.classified.confidence);
  sum_up();
}

const Entry* Board::find(const Subject& subject) const {
  const auto found = entries_.find(subject.process());
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<ProcessSample> Board::whole(const Subject& subject) const {
  const Entry* entry = find(subject);
  if (entry == nullptr) return std::nullopt;
  std::optional<ProcessSample> whole = entry->whole.restore();
  if (entry->quiet && entry->as_of_ns < interval_.now_ns) advance(*whole, interval_.now_ns - entry->as_of_ns);
  return whole;
}

const ThreadSample* find_thread(const std::vector<ThreadSample>& threads, const Subject& subject) {
  for (const ThreadSample& thread : threads)
    if (thread.tid == subject.tid && thread.start_ns == subject.thread_start_ns) return &thread;
  return nullptr;
}

} // namespace ctxray::tui
