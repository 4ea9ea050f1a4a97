// SPDX-License-Identifier: GPL-2.0-or-later
// The parsers, one for each form.
#include "probes/proc_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace ctxray {

namespace {

constexpr std::size_t kCommLength = 15;              // TASK_COMM_LEN without its NUL
constexpr std::uint32_t kKernelThread = 0x0020'0000; // PF_KTHREAD, include/linux/sched.h
constexpr std::string_view kSecondVersion = "0::/";

// Of a path below some folder.
bool leads_out(const std::string& path) {
  return path.front() == '/' || ("/" + path + "/").find("/../") != std::string::npos;
}

} // namespace

std::optional<std::uint32_t> parse_pid(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string parse_comm(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::optional<ProcessStat> parse_stat(const std::string& text) {
  // The name may itself contain blanks and brackets.
  const std::size_t begin = text.find('('), end = text.rfind(')');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  ProcessStat stat;
  stat.comm = text.substr(begin + 1, end - begin - 1);
  std::istringstream fields(text.substr(end + 1));
  long long group = 0, session = 0, terminal = 0, foreground = 0;
  std::uint32_t flags = 0;
  if (!(fields >> stat.state >> stat.ppid >> group >> session >> terminal >> foreground >> flags)) return {};
  stat.kernel_thread = (flags & kKernelThread) != 0;
  return stat;
}

std::string parse_command_line(std::string text) {
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

bool is_named(const std::string& comm, const std::string& command_line, const std::string& name) {
  if (name.empty()) return false;
  if (comm == name.substr(0, kCommLength) && (name.size() <= kCommLength || comm.size() == kCommLength)) return true;
  const std::string program = command_line.substr(0, command_line.find('\0'));
  return program.substr(program.rfind('/') + 1) == name;
}

std::vector<std::uint32_t> parse_pids(std::istream& text) {
  std::vector<std::uint32_t> pids;
  for (std::uint32_t pid = 0; text >> pid;) pids.push_back(pid);
  return pids;
}

std::vector<std::string> parse_cgroup(std::istream& text) {
  std::string line;
  while (std::getline(text, line) && line.rfind(kSecondVersion, 0) != 0) line.clear();
  std::string group = line.empty() ? "" : line.substr(kSecondVersion.size());
  if (group.empty() || leads_out(group)) return {};
  std::vector<std::string> groups;
  while (!group.empty()) {
    const std::size_t slash = group.rfind('/');
    groups.push_back(group);
    group.resize(slash == std::string::npos ? 0 : slash);
  }
  return groups;
}

std::optional<double> parse_cpu_max(const std::string& text) {
  std::istringstream fields(text);
  double quota = 0, period = 0;
  if (!(fields >> quota >> period) || !(quota > 0 && period > 0) || !std::isfinite(quota / period)) return std::nullopt;
  return quota / period;
}

std::optional<std::uint32_t> parse_loadavg_threads(const std::string& text) {
  const std::size_t slash = text.find('/'), blank = text.find(' ', slash);
  if (blank == std::string::npos) return std::nullopt;
  return parse_pid(std::string_view(text).substr(slash + 1, blank - slash - 1));
}

std::optional<std::string> parse_lockdown(const std::string& text) {
  const std::size_t open = text.find('['), close = text.find(']', open);
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  return text.substr(open + 1, close - open - 1);
}

} // namespace ctxray
