// SPDX-License-Identifier: GPL-2.0-or-later
// Probes two functions of its own, and calls them.
#include "probes/probe_cost.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <vector>

#include "probes/clock.h"
#include "probes/fd.h"
#include "probes/mappings.h"
#include "probes/privileges.h"
#include "userspace/error.h"

// The first instruction of one is emulated, that of the other is not.
#if defined(__x86_64__)
asm(".text\n.type ctxray_emulated,@function\nctxray_emulated: push %rbp\n pop %rbp\n ret\n"
    ".type ctxray_stepped,@function\nctxray_stepped: xor %eax,%eax\n ret\n");
#else
asm(".text\n.type ctxray_emulated,%function\nctxray_emulated: nop\n ret\n"
    ".type ctxray_stepped,%function\nctxray_stepped: mov x0,#0\n ret\n");
#endif
extern "C" {
void ctxray_emulated();
void ctxray_stepped();
}

namespace ctxray {

namespace {

double call_ns(void (*function)()) {
  constexpr int kBlocks = 15, kCalls = 50;
  std::uint64_t least_ns = ~std::uint64_t{0}; // other load only makes a block slower
  for (int block = 0; block < kBlocks; ++block) {
    const std::uint64_t begin = clock_ns(CLOCK_MONOTONIC);
    for (int call = 0; call < kCalls; ++call) function();
    least_ns = std::min(least_ns, clock_ns(CLOCK_MONOTONIC) - begin);
  }
  return static_cast<double>(least_ns) / kCalls;
}

double hit_ns(bpf_program* program, std::uint64_t cookie, void (*function)()) {
  const auto address = reinterpret_cast<std::uint64_t>(function);
  for (const MappedFile& file : read_mappings("/proc/self").value_or(std::vector<MappedFile>())) {
    if (address < file.start || address >= file.end) continue;
    const double without = call_ns(function);
    if (const ProbeLink link = attach_probe(program, "/proc/self/exe", address - file.start + file.offset, cookie))
      return std::max(0.0, call_ns(function) - without);
    if (errno == EACCES || errno == EPERM)
      throw Error("cannot put probes into programs", errno,
                  "this takes CAP_SYS_ADMIN, on some kernels CAP_PERFMON: start as root, or leave --coroutines out");
  }
  return 0;
}

} // namespace

ProbeLink attach_probe(bpf_program* program, const std::string& path, std::uint64_t offset, std::uint64_t cookie,
                       std::uint64_t semaphore) {
  constexpr pid_t kAnyProcess = -1;
  const Raised raised(kProbingFiles);
  bpf_uprobe_opts options{};
  options.sz = sizeof(options);
  options.bpf_cookie = cookie;
  options.ref_ctr_offset = semaphore;
  return ProbeLink(bpf_program__attach_uprobe_opts(program, kAnyProcess, path.c_str(), offset, &options));
}

double ProbeCost::of(const std::string& path, std::uint64_t offset) const {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<std::uint8_t, 4> code{};
  if (!fd || pread(fd.get(), code.data(), code.size(), static_cast<off_t>(offset)) <= 0) return stepped_ns;
#if defined(__x86_64__)
  const bool wide = code[0] == 0x41; // push of r8 to r15
  const std::uint8_t first = wide ? code[1] : code[0];
  const bool push = first >= 0x50 && first <= 0x57, jump = !wide && (first == 0xe9 || first == 0xeb || first == 0xe8);
  const bool nop = !wide && first == 0x90;
  return push || jump || nop ? emulated_ns : stepped_ns;
#else
  return stepped_ns;
#endif
}

ProbeCost measure_probe_cost(bpf_program* program, std::uint64_t cookie) {
  return {hit_ns(program, cookie, ctxray_emulated), hit_ns(program, cookie, ctxray_stepped)};
}

} // namespace ctxray
