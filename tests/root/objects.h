// SPDX-License-Identifier: GPL-2.0-or-later
// Programs, maps and links of eBPF that this kernel has, who holds them, and when it has let go of them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>

namespace ctxray {

// By their numbers, which the kernel does not give twice in a test's time.
struct Objects {
  std::set<std::uint32_t> programs;
  std::set<std::uint32_t> maps;
  std::set<std::uint32_t> links;

  [[nodiscard]] std::size_t size() const { return programs.size() + maps.size() + links.size(); }
};

// Of everybody on this machine.
Objects all_objects();

// Adds those of which a process holds descriptors. It may end meanwhile.
void add_held(pid_t pid, Objects& held);

// Those that are of both, and those of `objects` that are not of `others`.
Objects both(const Objects& objects, const Objects& others);
Objects without(const Objects& objects, const Objects& others);

// New since `before` and held by no process's descriptor: nobody would ever remove them. The kernel frees what was let
// go after grace periods and in workers of each CPU (bpf_prog_free_deferred in kernel/bpf/core.c): this waits until
// they have freed what is let go now on each CPU, and then until nothing is left; seconds at most each.
Objects orphans_since(const Objects& before);

// Names of the maps, and which processes still have a map of eBPF in their memory: for the message of a failure.
std::string describe(const Objects& objects);

} // namespace ctxray
