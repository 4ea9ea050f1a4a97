// SPDX-License-Identifier: GPL-2.0-or-later
// A timer, and the count of events that the probe has seen.
#include "probes/sampler.h"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "probes/clock.h"
#include "userspace/error.h"

namespace ctxray {

namespace {

// A system call of this thread's that does nothing: the middle of some blocks.
double call_ns() {
  constexpr int kBlocks = 15, kCalls = 100;
  std::array<double, kBlocks> blocks{};
  for (double& block : blocks) {
    const std::uint64_t begin = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < kCalls; ++i) syscall(SYS_getppid);
    block = static_cast<double>(clock_ns(CLOCK_MONOTONIC) - begin) / kCalls;
  }
  std::nth_element(blocks.begin(), blocks.begin() + kBlocks / 2, blocks.end());
  return blocks[kBlocks / 2];
}

constexpr std::uint64_t kSoonNs = 20'000'000; // the probe may leave then, perhaps

} // namespace

Sampler::Sampler(SampledProbe probe, std::uint32_t cpus, std::optional<double> event_ns)
    : probe_(std::move(probe)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      slices_(cpus, event_ns.value_or(0)),
      cycle_(Slices::first()),
      due_ns_(clock_ns(CLOCK_MONOTONIC)) {
  if (!timer_) throw Error("cannot make a timer", errno);
  constexpr double kOfATarget = 1.3; // whose calls are counted by number too
  const double without = event_ns ? 0 : call_ns();
  begin_slice();
  if (event_ns || !on_) return;
  slices_ = Slices(cpus, (call_ns() - without) * kOfATarget);
  events_before_ = probe_.seen();
}

void Sampler::wake_after(std::uint64_t ns) {
  ns = std::max<std::uint64_t>(ns, 1); // 0 would stop it
  due_ns_ = clock_ns(CLOCK_MONOTONIC) + ns;
  const itimerspec setting = {{}, {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)}};
  if (timerfd_settime(timer_.get(), 0, &setting, nullptr) != 0) throw Error("cannot set a timer", errno);
}

void Sampler::begin_slice() {
  constexpr std::uint64_t kRetryNs = 100'000'000;
  if (!on_ && !probe_.begin(cycle_.weight)) { // the kernel is short of memory, perhaps
    cycle_.before_ns += kRetryNs;
    return wake_after(kRetryNs);
  }
  begin_ns_ = clock_ns(CLOCK_MONOTONIC);
  if (!on_) cycle_.before_ns += begin_ns_ - std::min(begin_ns_, due_ns_); // it came late
  on_ = true;
  events_before_ = probe_.seen();
  wake_after(cycle_.slice_ns);
}

void Sampler::end_slice() {
  const std::uint64_t length = clock_ns(CLOCK_MONOTONIC) - begin_ns_;
  std::vector<std::uint64_t> events = probe_.seen();
  for (std::size_t cpu = 0; cpu < events.size(); ++cpu) events[cpu] -= events_before_[cpu];
  const std::uint64_t after = slices_.after_ns(cycle_, events, length);
  const bool stays = cycle_.weight == 1;
  cycle_ = slices_.next(events, length);
  if (stays && cycle_.weight > 1 && !probe_.end())
    cycle_ = {1, 0, std::exchange(refused_, true) ? Slices::kWholeNs : kSoonNs};
  if (stays && cycle_.weight == 1) return begin_slice();
  if (!stays) probe_.end();
  on_ = false;
  wake_after(after + cycle_.before_ns);
}

void Sampler::turn() {
  std::uint64_t expirations = 0;
  if (read(timer_.get(), &expirations, sizeof(expirations)) != sizeof(expirations)) return;
  if (on_)
    end_slice();
  else
    begin_slice();
}

} // namespace ctxray
