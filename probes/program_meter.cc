// SPDX-License-Identifier: GPL-2.0-or-later
// BPF_ENABLE_STATS comes and goes by a timer.
#include "probes/program_meter.h"

#include <bpf/bpf.h>
#include <linux/capability.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "probes/clock.h"
#include "probes/privileges.h"
#include "userspace/error.h"

namespace ctxray {

namespace {

constexpr std::uint64_t kFirstNs = 20'000'000;  // until the first slice
constexpr std::uint64_t kSliceNs = 10'000'000;  // what is measured costs more, so it is kept short
constexpr std::uint64_t kPauseNs = 490'000'000; // between slices

void wake_after(const Fd& timer, std::uint64_t ns) {
  const itimerspec setting = {{}, {0, static_cast<long>(ns)}};
  if (timerfd_settime(timer.get(), 0, &setting, nullptr) != 0) throw Error("cannot set a timer", errno);
}

// The kernel measures while this is open.
Fd have_measured() {
  const Raised raised(capability(CAP_SYS_ADMIN));
  return Fd(bpf_enable_stats(BPF_STATS_RUN_TIME));
}

} // namespace

ProgramMeter::ProgramMeter(std::vector<int> programs)
    : programs_(std::move(programs)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      end_ns_(clock_ns(CLOCK_MONOTONIC)) {
  if (!timer_) throw Error("cannot make a timer", errno);
  wake_after(timer_, kFirstNs);
}

bool ProgramMeter::is_allowed() { return static_cast<bool>(have_measured()); }

std::uint64_t ProgramMeter::run_ns() const {
  std::uint64_t sum = 0;
  for (const int program : programs_) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(program, &info, &size) == 0) sum += info.run_time_ns;
  }
  return sum;
}

void ProgramMeter::begin_slice() {
  measuring_ = have_measured();
  if (!measuring_) return; // not allowed: the timer stays silent
  begin_ns_ = clock_ns(CLOCK_MONOTONIC);
  run_before_ns_ = run_ns();
  wake_after(timer_, kSliceNs);
}

void ProgramMeter::end_slice() {
  const std::uint64_t run = run_ns() - run_before_ns_, now = clock_ns(CLOCK_MONOTONIC);
  measuring_.reset();
  rate_ = static_cast<double>(run) / static_cast<double>(now - begin_ns_);
  sum_ns_ += *rate_ * static_cast<double>(now - end_ns_);
  end_ns_ = now;
  wake_after(timer_, kPauseNs);
}

bool ProgramMeter::turn() {
  std::uint64_t expirations = 0;
  if (read(timer_.get(), &expirations, sizeof(expirations)) != sizeof(expirations)) return false;
  if (!measuring_) {
    begin_slice();
    return false;
  }
  end_slice();
  return true;
}

std::optional<std::uint64_t> ProgramMeter::total_ns() const {
  if (!rate_) return std::nullopt;
  const auto since = static_cast<double>(clock_ns(CLOCK_MONOTONIC) - end_ns_);
  return static_cast<std::uint64_t>(sum_ns_ + *rate_ * since);
}

} // namespace ctxray
