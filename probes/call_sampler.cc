// SPDX-License-Identifier: GPL-2.0-or-later
// A timer, the probe's link, and the count of calls that the probe has seen.
#include "probes/call_sampler.h"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

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

} // namespace

CallSampler::CallSampler(KernelSide& kernel, std::uint32_t cpus)
    : kernel_(kernel),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      slices_(cpus),
      cycle_(CallSlices::first()),
      due_ns_(clock_ns(CLOCK_MONOTONIC)) {
  if (!timer_) throw Error("cannot make a timer", errno);
  constexpr double kOfATarget = 1.3; // whose calls are counted by number too
  const double without = call_ns();
  begin_slice();
  if (!on_) return;
  slices_ = CallSlices(cpus, (call_ns() - without) * kOfATarget);
  calls_before_ = kernel_.calls_seen();
}

void CallSampler::wake_after(std::uint64_t ns) {
  ns = std::max<std::uint64_t>(ns, 1); // 0 would stop it
  due_ns_ = clock_ns(CLOCK_MONOTONIC) + ns;
  const itimerspec setting = {{}, {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)}};
  if (timerfd_settime(timer_.get(), 0, &setting, nullptr) != 0) throw Error("cannot set a timer", errno);
}

void CallSampler::begin_slice() {
  constexpr std::uint64_t kRetryNs = 100'000'000;
  if (!on_ && !kernel_.probe_calls(cycle_.weight)) { // the kernel is short of memory, perhaps
    cycle_.before_ns += kRetryNs;
    return wake_after(kRetryNs);
  }
  begin_ns_ = clock_ns(CLOCK_MONOTONIC);
  if (!on_) cycle_.before_ns += begin_ns_ - std::min(begin_ns_, due_ns_); // it came late
  on_ = true;
  calls_before_ = kernel_.calls_seen();
  wake_after(cycle_.slice_ns);
}

void CallSampler::end_slice() {
  const std::uint64_t length = clock_ns(CLOCK_MONOTONIC) - begin_ns_;
  std::vector<std::uint64_t> calls = kernel_.calls_seen();
  for (std::size_t cpu = 0; cpu < calls.size(); ++cpu) calls[cpu] -= calls_before_[cpu];
  const std::uint64_t after = slices_.after_ns(cycle_, calls, length);
  const bool stays = cycle_.weight == 1;
  cycle_ = slices_.next(calls, length);
  if (stays && cycle_.weight == 1) return begin_slice();
  kernel_.leave_calls();
  on_ = false;
  wake_after(after + cycle_.before_ns);
}

void CallSampler::turn() {
  std::uint64_t expirations = 0;
  if (read(timer_.get(), &expirations, sizeof(expirations)) != sizeof(expirations)) return;
  if (on_)
    end_slice();
  else
    begin_slice();
}

} // namespace ctxray
