// SPDX-License-Identifier: GPL-2.0-or-later
// Bounded memory of what has ended.
#include "probes/ledger.h"

#include <algorithm>

namespace ctxray {

void Ledger::add_process(ProcessSample process) {
  processes_.push_back(std::move(process));
  ++ended_;
  if (processes_.size() <= kMostProcesses) return;
  const ProcessSample& oldest = processes_.front();
  rest_.comm = "(ended earlier)";
  rest_.ended = true;
  rest_.threads_seen += oldest.threads_seen;
  add(rest_.wall, oldest.wall);
  add(rest_.totals, oldest.totals);
  add(rest_.histograms, oldest.histograms);
  add(rest_.block, oldest.block);
  add(rest_.coroutines, oldest.coroutines);
  threads_.erase({oldest.pid, oldest.start_ns});
  processes_.pop_front();
}

void Ledger::add_thread(std::uint32_t pid, std::uint64_t process_start_ns, ThreadSample thread) {
  std::deque<ThreadSample>& threads = threads_[{pid, process_start_ns}];
  threads.push_back(std::move(thread));
  if (threads.size() <= kMostThreads) return;
  threads.pop_front();
  ++threads_dropped_;
}

void Ledger::append_threads(ProcessSample& process) const {
  auto found = threads_.find({process.pid, process.start_ns});
  if (found == threads_.end()) return;
  process.threads.insert(process.threads.end(), found->second.begin(), found->second.end());
}

void Ledger::append_processes(std::vector<ProcessSample>& processes) const {
  for (const ProcessSample& process : processes_) {
    processes.push_back(process);
    append_threads(processes.back());
  }
  if (rest_.threads_seen > 0) processes.push_back(rest_);
}

std::uint64_t Ledger::append_ended_since(std::vector<ProcessSample>& processes, std::uint64_t told) const {
  const std::size_t news = static_cast<std::size_t>(std::min<std::uint64_t>(ended_ - told, processes_.size()));
  for (std::size_t i = processes_.size() - news; i < processes_.size(); ++i) {
    processes.push_back(processes_[i]);
    append_threads(processes.back());
  }
  return ended_;
}

} // namespace ctxray
