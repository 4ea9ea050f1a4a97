// SPDX-License-Identifier: GPL-2.0-or-later
// Any text as a file of /proc, of a cgroup or of /sys.
#include "probes/proc_text.h"

#include <cmath>
#include <sstream>

#include "bpf/wire.h"
#include "probes/interrupts.h"
#include "probes/mappings.h"
#include "tests/fuzz/fuzz.h"

namespace ctxray::fuzz {
namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check_pid(const std::string& text) {
  const std::optional<std::uint32_t> pid = parse_pid(text);
  require(!pid || text.find_first_not_of("0123456789") == std::string::npos, "a pid is made of digits");
  require(!pid || std::to_string(*pid) == text || text.front() == '0', "a pid is the number that stands there");
}

void check_stat(const std::string& text) {
  const std::optional<ProcessStat> stat = parse_stat(text);
  if (!stat) return;
  require(holds(text, "(" + stat->comm + ")"), "a name stands in brackets");
}

void check_command(const std::string& text) {
  const std::string command = parse_command_line(text);
  require(command.size() <= text.size() && !holds(command, std::string(1, '\0')), "arguments are joined by blanks");
  const std::string name = text.substr(0, text.find('\0'));
  require(name.empty() || name.back() == '/' || is_named("", text, name.substr(name.rfind('/') + 1)),
          "a program has the name of its file");
  require(!is_named(name.substr(0, 15), text, ""), "nobody is called nothing");
}

void check_cgroup(const std::string& text) {
  std::istringstream stream(text);
  std::string above;
  for (const std::string& group : parse_cgroup(stream)) {
    require(!group.empty() && group.front() != '/', "a group is a path below the root");
    require(!holds("/" + group + "/", "/../"), "no group leads out of the hierarchy");
    require(above.empty() || above.rfind(group + "/", 0) == 0, "each group is above the one before");
    above = group;
  }
}

void check_pids(const std::string& text) {
  std::istringstream stream(text);
  require(parse_pids(stream).size() <= text.size() / 2 + 1, "a pid takes a line");
}

void check_quota(const std::string& text) {
  const std::optional<double> quota = parse_cpu_max(text);
  require(!quota || (std::isfinite(*quota) && *quota >= 0), "a quota is a number of CPUs");
}

void check_lockdown(const std::string& text) {
  const std::optional<std::string> mode = parse_lockdown(text);
  require(!mode || holds(text, "[" + *mode + "]"), "what holds stands in brackets");
}

void check_interrupts(const std::string& text) {
  std::istringstream stream(text);
  const InterruptNames names(stream);
  for (const std::uint32_t index : {0U, 9U, WIRE_IRQ_LINES - 1U, WIRE_IRQ_LINES + 0U, WIRE_IRQS - 1U, ~0U})
    require(!names.name(index).empty(), "each interrupt has a name");
}

void check_mappings(const std::string& text) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const std::optional<MappedFile> file = parse_mapping(line);
    require(!file || file->path.front() == '/', "a mapped file has a whole path");
    require(!file || holds(line, file->path), "a path stands in its line");
  }
}

} // namespace
} // namespace ctxray::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctxray::fuzz;
  // By the letter that an input begins with, from 'a' on.
  constexpr void (*kChecks[])(const std::string&) = {check_pid,      check_stat,       check_command,
                                                     check_cgroup,   check_pids,       check_quota,
                                                     check_lockdown, check_interrupts, check_mappings};
  Bytes bytes(data, size);
  const std::size_t check = bytes.number() - 'a';
  kChecks[check % std::size(kChecks)](bytes.rest());
  return 0;
}
