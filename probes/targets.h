// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the processes that a user means: by number, by name or by cgroup.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "userspace/options.h"

namespace ctxray {

// Pids (or single threads' tids) as /proc numbers them. Throws Error where a pid, name or cgroup matches nothing.
// `proc`: where procfs is mounted.
std::vector<std::uint32_t> find_targets(const TargetOptions& options, const std::string& proc);

// Those of the names and the cgroup alone, possibly none.
std::vector<std::uint32_t> find_members(const TargetOptions& options, const std::string& proc);

// Every process that the user may see now.
std::vector<std::uint32_t> visible_pids(const TargetOptions& options, const std::string& proc);

// Every process that /proc shows now.
std::vector<std::uint32_t> all_pids(const std::string& proc);

// Members of a cgroup and of all cgroups below it.
std::vector<std::uint32_t> cgroup_members(const std::string& path);

} // namespace ctxray
