// SPDX-License-Identifier: GPL-2.0-or-later
// Reads /proc/PID/stat and cmdline.
#include "probes/roster.h"

#include <filesystem>
#include <optional>

#include "probes/proc_text.h"
#include "probes/read_text.h"
#include "probes/resolver.h"

namespace ctxray {

namespace {

namespace fs = std::filesystem;

std::optional<ProcessSample> read_identity(std::uint32_t pid, const std::string& proc, Resolver& resolver) {
  const fs::path directory = fs::path(proc) / std::to_string(pid);
  const std::optional<ProcessStat> stat = parse_stat(read_text(directory / "stat"));
  if (!stat) return {};
  ProcessSample process;
  process.pid = pid;
  process.comm = stat->comm;
  process.ppid = stat->ppid;
  process.kernel_thread = stat->kernel_thread;
  process.command = parse_command_line(read_text(directory / "cmdline"));
  process.user = resolver.user(pid, 0);
  return process;
}

} // namespace

Sample read_roster(const std::vector<std::uint32_t>& pids, std::size_t most, bool everything, const std::string& proc) {
  Sample sample;
  Resolver resolver(proc);
  for (const std::uint32_t pid : pids) {
    if (sample.processes.size() == most) break;
    std::optional<ProcessSample> process = read_identity(pid, proc, resolver);
    if (process && !(everything && process->kernel_thread)) sample.processes.push_back(std::move(*process));
  }
  return sample;
}

} // namespace ctxray
