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

constexpr const char* kOthersHint = "other users' processes are shown to root: sudo ctxray …";

// Called where a target was not found.
void check_proc(const std::string& proc) {
  if (all_pids(proc).empty())
    throw Error("cannot find processes: " + proc + " shows none", 0, "mount -t proc proc " + proc);
}

// The kernel lets this user, who holds no capability for that, read it (ptrace(2), PTRACE_MODE_READ); one that has
// ended and waits for its parent is nobody's.
bool may_read(std::uint32_t pid, const std::string& proc) {
  const fs::path link = fs::path(proc) / std::to_string(pid) / "exe";
  char byte = 0;
  return readlink(link.c_str(), &byte, 1) >= 0;
}

void check_pid(std::uint32_t pid, const TargetOptions& options, const std::string& proc) {
  const std::optional<ProcessStat> stat = parse_stat(read_text(fs::path(proc) / std::to_string(pid) / "stat"));
  if (!stat) check_proc(proc);
  if (!stat) throw Error("cannot attach to process " + std::to_string(pid), ESRCH, "`ps -e` lists what runs");
  if (stat->state == 'Z' || stat->state == 'X')
    throw Error("cannot attach to process " + std::to_string(pid) + ": it has ended and waits for its parent");
  if (options.own && !may_read(pid, proc))
    throw Error("cannot attach to process " + std::to_string(pid) + ": it is not yours, or has more rights than you",
                EACCES, kOthersHint);
}

void leave_own(std::vector<std::uint32_t>& pids, const TargetOptions& options, const std::string& proc) {
  if (options.own) std::erase_if(pids, [&](std::uint32_t pid) { return !may_read(pid, proc); });
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

// Of others there may be some.
Error nothing_found(const std::string& what, const TargetOptions& options, const char* hint) {
  return Error("cannot attach" + what, 0, options.own ? kOthersHint : hint);
}

} // namespace

std::vector<std::uint32_t> visible_pids(const TargetOptions& options, const std::string& proc) {
  std::vector<std::uint32_t> pids = all_pids(proc);
  leave_own(pids, options, proc);
  return pids;
}

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
  leave_own(pids, options, proc);
  return pids;
}

std::vector<std::uint32_t> find_targets(const TargetOptions& options, const std::string& proc) {
  std::vector<std::uint32_t> pids;
  for (const std::uint32_t pid : options.pids) {
    check_pid(pid, options, proc);
    pids.push_back(pid);
  }
  for (const std::string& name : options.names) {
    std::vector<std::uint32_t> found = find_by_name(name, proc);
    if (found.empty()) check_proc(proc);
    leave_own(found, options, proc);
    if (found.empty())
      throw nothing_found(std::string(": no process ") + (options.own ? "of yours " : "") + "is named \"" + name + "\"",
                          options, "`ps -e` lists what runs");
    pids.insert(pids.end(), found.begin(), found.end());
  }
  if (!options.cgroup.empty()) {
    std::vector<std::uint32_t> members = cgroup_members(options.cgroup);
    leave_own(members, options, proc);
    if (members.empty())
      throw nothing_found(" to cgroup " + options.cgroup + ": it has no processes" + (options.own ? " of yours" : ""),
                          options, "");
    pids.insert(pids.end(), members.begin(), members.end());
  }
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

} // namespace ctxray
