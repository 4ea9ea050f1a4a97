// SPDX-License-Identifier: GPL-2.0-or-later
// Names for people, looked up in /proc while they are there to be found, and remembered.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "userspace/sample.h"

namespace ctxray {

class Resolver {
 public:
  // `proc`: where /proc is; `cgroup`: where the cgroup hierarchy is.
  explicit Resolver(std::string proc = "/proc", std::string cgroup = "/sys/fs/cgroup");

  // The name of a process; empty: not known.
  std::string process_name(std::uint32_t pid);
  // Completes the file's name to a whole path where the descriptor still stands for the same file.
  void complete_path(std::uint32_t pid, SiteSample& site);
  // CPUs that the quotas of a process's cgroup and those above it allow; none: no limit. Asked once for each process.
  std::optional<double> cpu_quota(std::uint32_t pid, std::uint64_t start_ns);
  // Whose process it is: a name, or a number that has none; empty: not known. Asked once for each process.
  std::string user(std::uint32_t pid, std::uint64_t start_ns);
  // Asks both now.
  void remember(std::uint32_t pid, std::uint64_t start_ns);

 private:
  [[nodiscard]] std::optional<double> read_quota(std::uint32_t pid) const;

  std::string proc_;
  std::string cgroup_;
  std::map<std::uint32_t, std::string> names_;
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>, std::string> paths_; // pid, descriptor, inode
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::optional<double>> quotas_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::string> users_;
  std::map<std::uint32_t, std::string> user_names_; // by number
};

} // namespace ctxray
