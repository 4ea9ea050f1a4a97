// SPDX-License-Identifier: GPL-2.0-or-later
// Reads /proc/PID/comm, /proc/PID/fd and cpu.max.
#include "probes/resolver.h"

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "probes/proc_text.h"
#include "probes/read_text.h"

namespace ctxray {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostRemembered = 16384; // of each kind; then it starts afresh

template <typename Map>
void keep_small(Map& map) {
  if (map.size() >= kMostRemembered) map.clear();
}

bool has_path(FileKind kind) {
  switch (kind) {
    case FileKind::kRegular:
    case FileKind::kDirectory:
    case FileKind::kBlockDevice:
    case FileKind::kCharacterDevice:
    case FileKind::kTerminal:
      return true;
    default:
      return false;
  }
}

} // namespace

Resolver::Resolver(std::string proc, std::string cgroup) : proc_(std::move(proc)), cgroup_(std::move(cgroup)) {}

std::string Resolver::process_name(std::uint32_t pid) {
  if (auto found = names_.find(pid); found != names_.end()) return found->second;
  const std::string name = parse_comm(read_text(fs::path(proc_) / std::to_string(pid) / "comm"));
  if (name.empty()) return {};
  keep_small(names_);
  return names_[pid] = name;
}

void Resolver::complete_path(std::uint32_t pid, SiteSample& site) {
  if (!site.object || !has_path(site.file.kind)) return;
  const auto key = std::tuple(pid, *site.object, site.file.inode);
  if (auto found = paths_.find(key); found != paths_.end()) {
    site.file.name = found->second;
    return;
  }
  const fs::path link = fs::path(proc_) / std::to_string(pid) / "fd" / std::to_string(*site.object);
  struct stat status {};
  std::error_code error;
  if (stat(link.c_str(), &status) != 0 || status.st_ino != site.file.inode) return;
  const fs::path target = fs::read_symlink(link, error);
  if (error) return;
  keep_small(paths_);
  site.file.name = paths_[key] = target.string();
}

std::string Resolver::user(std::uint32_t pid, std::uint64_t start_ns) {
  const auto key = std::pair(pid, start_ns);
  if (auto found = users_.find(key); found != users_.end()) return found->second;
  struct stat status {};
  if (stat((fs::path(proc_) / std::to_string(pid)).c_str(), &status) != 0) return {};
  keep_small(users_);
  keep_small(user_names_);
  auto [name, is_new] = user_names_.try_emplace(status.st_uid);
  if (is_new) {
    const passwd* entry = getpwuid(status.st_uid);
    name->second = entry == nullptr ? std::to_string(status.st_uid) : entry->pw_name;
  }
  return users_[key] = name->second;
}

std::optional<double> Resolver::cpu_quota(std::uint32_t pid, std::uint64_t start_ns) {
  const auto key = std::pair(pid, start_ns);
  if (auto found = quotas_.find(key); found != quotas_.end()) return found->second;
  keep_small(quotas_);
  return quotas_[key] = read_quota(pid);
}

void Resolver::remember(std::uint32_t pid, std::uint64_t start_ns) {
  static_cast<void>(user(pid, start_ns));
  static_cast<void>(cpu_quota(pid, start_ns));
}

std::optional<double> Resolver::read_quota(std::uint32_t pid) const {
  std::ifstream file(fs::path(proc_) / std::to_string(pid) / "cgroup");
  std::optional<double> least;
  for (const std::string& group : parse_cgroup(file))
    if (const std::optional<double> quota = parse_cpu_max(read_text(fs::path(cgroup_) / group / "cpu.max")))
      least = std::min(least.value_or(*quota), *quota);
  return least;
}

} // namespace ctxray
