// SPDX-License-Identifier: GPL-2.0-or-later
// Reads /proc/PID/stat and cmdline.
#include "probes/roster.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "probes/resolver.h"
#include "probes/targets.h"

namespace ctxray {

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kKernelThread = 0x0020'0000; // PF_KTHREAD, include/linux/sched.h

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "812 (na me) S 1 812 812 0 -1 4194560 …", proc(5)
std::optional<ProcessSample> read_identity(std::uint32_t pid, const std::string& proc, Resolver& resolver) {
  const fs::path directory = fs::path(proc) / std::to_string(pid);
  const std::string stat = read_text(directory / "stat");
  const std::size_t begin = stat.find('('), end = stat.rfind(')');
  if (begin == std::string::npos || end == std::string::npos) return {};
  ProcessSample process;
  process.pid = pid;
  process.comm = stat.substr(begin + 1, end - begin - 1);
  std::istringstream fields(stat.substr(end + 1));
  std::string state;
  long long group = 0, session = 0, terminal = 0, foreground = 0;
  std::uint32_t flags = 0;
  if (!(fields >> state >> process.ppid >> group >> session >> terminal >> foreground >> flags)) return {};
  process.kernel_thread = (flags & kKernelThread) != 0;
  process.command = read_text(directory / "cmdline");
  while (!process.command.empty() && process.command.back() == '\0') process.command.pop_back();
  std::replace(process.command.begin(), process.command.end(), '\0', ' ');
  process.user = resolver.user(pid, 0);
  return process;
}

} // namespace

Sample read_roster(const std::vector<std::uint32_t>& pids, std::size_t most, const std::string& proc) {
  Sample sample;
  Resolver resolver(proc);
  for (const std::uint32_t pid : pids.empty() ? all_pids(proc) : pids) {
    if (sample.processes.size() == most) break;
    std::optional<ProcessSample> process = read_identity(pid, proc, resolver);
    if (process && !(pids.empty() && process->kernel_thread)) sample.processes.push_back(std::move(*process));
  }
  return sample;
}

} // namespace ctxray
