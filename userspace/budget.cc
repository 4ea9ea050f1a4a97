// SPDX-License-Identifier: GPL-2.0-or-later
// The order of what goes, and what each takes with it.
#include "userspace/budget.h"

#include <fmt/format.h>

#include "userspace/format.h"

namespace ctxray {

namespace {

void leave_out(Totals& totals, Shed shed) {
  if (shed == Shed::kSyscalls) totals.calls = {};
  if (shed != Shed::kInterrupts) return;
  totals.events = {};
  totals.hard_count = totals.hard_ns = totals.soft_count = totals.soft_ns = 0;
}

void leave_out(ProcessSample& process, Shed shed) {
  leave_out(process.totals, shed);
  if (shed == Shed::kBlock) process.block = {};
  if (shed == Shed::kPlaces) process.sites.clear();
  for (ThreadSample& thread : process.threads) {
    leave_out(thread.totals, shed);
    if (shed == Shed::kInterrupts) thread.waker = {};
  }
  if (shed != Shed::kInterrupts) return;
  for (SiteSample& site : process.sites) {
    site.ended_by = {};
    site.waker_pid = site.waker_tid = 0;
    site.waker_name.clear();
  }
}

void leave_out(Sample& sample, Shed shed) {
  for (ProcessSample& process : sample.processes) leave_out(process, shed);
  leave_out(sample.totals, shed);
  if (shed == Shed::kBlock) sample.block.reset();
  if (shed == Shed::kSyscalls) {
    sample.syscalls.reset();
    sample.call_sampling.reset();
  }
  if (shed == Shed::kInterrupts) {
    sample.hard.reset();
    sample.soft.reset();
  }
}

} // namespace

std::optional<Shed> Budgeting::take(double share) {
  over_ = share > budget_.share ? over_ + 1 : 0;
  if (over_ < kInARow || budget_.shed.size() == kSheds) return std::nullopt;
  over_ = 0;
  budget_.shed.push_back(static_cast<Shed>(budget_.shed.size()));
  return budget_.shed.back();
}

std::string budget_sentence(const Budget& budget) {
  std::string left_out;
  for (const Shed shed : budget.shed) left_out += fmt::format("{}{}", left_out.empty() ? "" : ", ", shed_name(shed));
  return fmt::format("budget: {} of all CPUs; left out for it: {}", format_percent(budget.share),
                     left_out.empty() ? "nothing" : left_out);
}

void leave_out(Sample& sample, const std::vector<Shed>& shed) {
  for (const Shed one : shed) leave_out(sample, one);
}

} // namespace ctxray
