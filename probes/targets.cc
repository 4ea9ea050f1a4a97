// SPDX-License-Identifier: GPL-2.0-or-later
// Looks targets up in /proc and in the cgroup hierarchy.
#include "probes/targets.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "userspace/error.h"

namespace ctxray {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCommLength = 15; // TASK_COMM_LEN without its NUL

std::string first_line(const fs::path& path, char end = '\n') {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line, end);
  return line;
}

// The state letter of /proc/PID/stat: after the name, which may itself contain blanks and brackets.
char state_of(const fs::path& directory) {
  const std::string stat = first_line(directory / "stat", '\0');
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= stat.size() ? '\0' : stat[name_end + 2];
}

void check_pid(std::uint32_t pid, const std::string& proc) {
  const fs::path directory = fs::path(proc) / std::to_string(pid);
  const char state = state_of(directory);
  if (state == '\0') throw Error("cannot attach to process " + std::to_string(pid), ESRCH, "`ps -e` lists what runs");
  if (state == 'Z' || state == 'X')
    throw Error("cannot attach to process " + std::to_string(pid) + ": it has ended and waits for its parent");
}

std::optional<std::uint32_t> number(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// As `pgrep -x` and `pidof` together: the kernel's name (cut at 15 bytes) or the base name of the program.
bool has_name(const fs::path& directory, const std::string& name) {
  const std::string comm = first_line(directory / "comm");
  if (comm == name.substr(0, kCommLength) && (name.size() <= kCommLength || comm.size() == kCommLength)) return true;
  const std::string program = first_line(directory / "cmdline", '\0');
  return !program.empty() && fs::path(program).filename() == name;
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
  for (const auto& entry : fs::directory_iterator(proc, error))
    if (const std::optional<std::uint32_t> pid = number(entry.path().filename().string())) pids.push_back(*pid);
  return pids;
}

std::vector<std::uint32_t> cgroup_members(const std::string& path) {
  std::vector<std::uint32_t> pids;
  const auto add_members = [&](const fs::path& directory) {
    std::ifstream file(directory / "cgroup.procs");
    for (std::uint32_t pid = 0; file >> pid;) pids.push_back(pid);
  };
  std::error_code error;
  if (!fs::exists(fs::path(path) / "cgroup.procs", error))
    throw Error("cannot attach to cgroup " + path + ": it has no cgroup.procs", 0,
                "give the path of a cgroup's folder, such as /sys/fs/cgroup/system.slice");
  add_members(path);
  for (const auto& entry : fs::recursive_directory_iterator(path, error))
    if (entry.is_directory(error)) add_members(entry.path());
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
