// SPDX-License-Identifier: GPL-2.0-or-later
// What the texts of /proc, cgroups and /sys say. Pure: opens no file, and takes any text, since targets choose names.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctxray {

// The number of a process, as a folder of /proc is named.
std::optional<std::uint32_t> parse_pid(std::string_view text);

// /proc/PID/comm: the name, which may itself contain newlines, and a newline.
std::string parse_comm(std::string text);

struct ProcessStat {
  std::string comm;
  char state = '\0';
  std::uint32_t ppid = 0;
  bool kernel_thread = false;
};
// /proc/PID/stat, proc(5): "812 (na me) S 1 812 812 0 -1 4194560 …".
std::optional<ProcessStat> parse_stat(const std::string& text);

// /proc/PID/cmdline: arguments ended by NUL; for people they are joined by blanks.
std::string parse_command_line(std::string text);

// As `pgrep -x` and `pidof` together: the kernel's name (cut at 15 bytes) or the base name of the program.
bool is_named(const std::string& comm, const std::string& command_line, const std::string& name);

// cgroup.procs: numbers, one a line.
std::vector<std::uint32_t> parse_pids(std::istream& text);

// /proc/PID/cgroup: the group of the second version and those above it, as paths below its root. Empty: there is none,
// or it lies outside of the part of the hierarchy that is shown here.
std::vector<std::string> parse_cgroup(std::istream& text);

// cpu.max, "50000 100000": CPUs that it allows; none: "max 100000".
std::optional<double> parse_cpu_max(const std::string& text);

// /proc/loadavg, "0.20 0.18 0.12 1/80 11206": how many threads there are, 80.
std::optional<std::uint32_t> parse_loadavg_threads(const std::string& text);

// /sys/kernel/security/lockdown, "none [integrity] confidentiality": what holds.
std::optional<std::string> parse_lockdown(const std::string& text);

} // namespace ctxray
