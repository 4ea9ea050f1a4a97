// SPDX-License-Identifier: GPL-2.0-or-later
// Looks targets up in /proc and in the cgroup hierarchy.
#include "probes/targets.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>

#include "probes/proc_text.h"
#include "probes/read_text.h"
#include "userspace/error.h"

namespace ctxray {

namespace {

namespace fs = std::filesystem;

// Called where a target was not found.
void check_proc(const std::string& proc) {
  if (all_pids(proc).empty())
    throw Error("cannot find processes: " + proc + " shows none", 0, "mount -t proc proc " + proc);
}

void check_pid(std::uint32_t pid, const std::string& proc) {
  const std::optional<ProcessStat> stat = parse_stat(read_text(fs::path(proc) / std::to_string(pid) / "stat"));
  if (!stat) check_proc(proc);
  if (!stat) throw Error("cannot attach to process " + std::to_string(pid), ESRCH, "`ps -e` lists what runs");
  if (stat->state == 'Z' || stat->state == 'X')
    throw Error("cannot attach to process " + std::to_string(pid) + ": it has ended and waits for its parent");
}

bool has_name(const fs::path& directory, const std::string& name) {
  return is_named(parse_comm(read_text(directory / "comm")), read_text(directory / "cmdline"), name);
}

// Groups may go while they are looked at.
void add_members(const fs::path& group, std::vector<std::uint32_t>& pids) {
  std::ifstream file(group / "cgroup.procs");
  const std::vector<std::uint32_t> members = parse_pids(file);
  pids.insert(pids.end(), members.begin(), members.end());
  std::error_code error;
  for (fs::directory_iterator at(group, error), end; !error && at != end; at.increment(error))
    if (std::error_code gone; at->is_directory(gone) && !at->is_symlink(gone)) add_members(at->path(), pids);
}

std::vector<std::uint32_t> find_by_name(const std::string& name, const std::string& proc) {
  std::vector<std::uint32_t> pids;
  for (const std::uint32_t pid : all_pids(proc))
    if (pid != static_cast<std::uint32_t>(getpid()) && has_name(fs::path(proc) / std::to_string(pid), name))
      pids.push_back(pid);
  return pids;
}

} // namespace

std::vector<std::uint32_t> all_pids(const std::string& proc) {
  std::vector<std::uint32_t> pids;
  std::error_code error;
  for (fs::directory_iterator at(proc, error), end; !error && at != end; at.increment(error))
    if (const std::optional<std::uint32_t> pid = parse_pid(at->path().filename().string())) pids.push_back(*pid);
  return pids;
}

std::vector<std::uint32_t> cgroup_members(const std::string& path) {
  std::error_code error;
  if (!fs::exists(fs::path(path) / "cgroup.procs", error))
    throw Error("cannot attach to cgroup " + path + ": it has no cgroup.procs", 0,
                "give the path of a cgroup's folder, such as /sys/fs/cgroup/system.slice");
  std::vector<std::uint32_t> pids;
  add_members(path, pids);
  return pids;
}

std::vector<std::uint32_t> find_members(const TargetOptions& options, const std::string& proc) {
  std::vector<std::uint32_t> pids;
  const auto append = [&](const std::vector<std::uint32_t>& found) {
    pids.insert(pids.end(), found.begin(), found.end());
  };
  for (const std::string& name : options.names) append(find_by_name(name, proc));
  std::error_code error;
  if (!options.cgroup.empty() && fs::exists(options.cgroup, error)) append(cgroup_members(options.cgroup));
  return pids;
}

std::vector<std::uint32_t> find_targets(const TargetOptions& options, const std::string& proc) {
  std::vector<std::uint32_t> pids;
  for (const std::uint32_t pid : options.pids) {
    check_pid(pid, proc);
    pids.push_back(pid);
  }
  for (const std::string& name : options.names) {
    const std::vector<std::uint32_t> found = find_by_name(name, proc);
    if (found.empty()) check_proc(proc);
    if (found.empty()) throw Error("cannot attach: no process is named \"" + name + "\"", 0, "`ps -e` lists what runs");
    pids.insert(pids.end(), found.begin(), found.end());
  }
  if (!options.cgroup.empty()) {
    const std::vector<std::uint32_t> members = cgroup_members(options.cgroup);
    if (members.empty()) throw Error("cannot attach to cgroup " + options.cgroup + ": it has no processes");
    pids.insert(pids.end(), members.begin(), members.end());
  }
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

} // namespace ctxray
