// SPDX-License-Identifier: GPL-2.0-or-later
// Takes in each sample once; what is drawn is then looked up.
#include "userspace/tui/board.h"

#include <utility>

namespace ctxray::tui {

namespace {

std::map<Subject, std::size_t> index_of(const std::vector<ProcessSample>& processes) {
  std::map<Subject, std::size_t> index;
  for (std::size_t i = 0; i < processes.size(); ++i) index.emplace(subject_of(processes[i]), i);
  return index;
}

const ProcessSample* look_up(const std::map<Subject, std::size_t>& index, const std::vector<ProcessSample>& processes,
                             const Subject& subject) {
  const auto found = index.find(subject.process());
  return found == index.end() ? nullptr : &processes[found->second];
}

} // namespace

Subject subject_of(const ProcessSample& process) { return {process.pid, process.start_ns, 0, 0}; }

Subject subject_of(const ProcessSample& process, const ThreadSample& thread) {
  return {process.pid, process.start_ns, thread.tid, thread.start_ns};
}

void Board::compare(const SamplePtr& current, const Sample& previous) {
  whole_ = current;
  interval_ = difference(*current, previous);
  index_ = index_of(interval_.processes);
  whole_index_ = index_of(current->processes);
}

void Board::conclude(const SamplePtr& last) {
  if (traces_.empty()) add(last, std::make_shared<const Sample>());
  compare(last, Sample{});
}

void Board::add(const SamplePtr& current, const SamplePtr& previous) {
  compare(current, *previous);
  const Evidence evidence = evidence_of(interval_);
  const Classified machine = classify(evidence);
  machine_.add(judged_states(evidence), machine.verdict_class, machine.confidence);

  std::map<Subject, Trace> traces;
  for (const ProcessSample& process : interval_.processes) {
    const Subject subject = subject_of(process);
    const auto known = traces_.find(subject);
    if (process.wall.elapsed_ns == 0) { // had ended before
      if (known != traces_.end()) traces.insert(traces_.extract(known));
      continue;
    }
    const Evidence its_evidence = evidence_of(process, interval_.cpus_online);
    const Classified classified = classify(its_evidence);
    Trace& trace = known == traces_.end() ? traces[subject] : traces.insert(traces_.extract(known)).position->second;
    trace.add(judged_states(its_evidence), classified.verdict_class, classified.confidence);
  }
  traces_ = std::move(traces);
}

const Trace* Board::trace(const Subject& process) const {
  const auto found = traces_.find(process.process());
  return found == traces_.end() ? nullptr : &found->second;
}

const ProcessSample* Board::process(const Subject& subject) const {
  return look_up(index_, interval_.processes, subject);
}

const ProcessSample* Board::whole_process(const Subject& subject) const {
  return empty() ? nullptr : look_up(whole_index_, whole_->processes, subject);
}

const ThreadSample* find_thread(const ProcessSample& process, const Subject& subject) {
  for (const ThreadSample& thread : process.threads)
    if (thread.tid == subject.tid && thread.start_ns == subject.thread_start_ns) return &thread;
  return nullptr;
}

} // namespace ctxray::tui
