// SPDX-License-Identifier: GPL-2.0-or-later
// The command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ctxray {

enum class Command : std::uint8_t { kTop, kRun, kAttach, kDoctor };
enum class ColourChoice : std::uint8_t { kAuto, kAlways, kNever };

struct TargetOptions {
  std::vector<std::uint32_t> pids;
  std::vector<std::string> names;
  std::string cgroup;
  bool everything = false;
};

struct Options {
  Command command = Command::kTop;
  TargetOptions targets;
  std::vector<std::string> run; // the command and its arguments
  std::string user;
  std::string json_path; // "-": stdout; empty: none
  std::string text_path; // empty: stderr for run, stdout for attach
  std::string btf_path;
  double interval_s = 0; // 0: no line per interval
  double duration_s = 0; // 0: until the target ends
  bool follow = true;
  bool syscalls = true;
  bool verbose = false;
  ColourChoice colour = ColourChoice::kAuto;
};

// What to do instead of running: print text and leave with this status.
struct EarlyExit {
  int status;
  std::string text;
};

// Exactly one of the two is set.
struct ParsedOptions {
  std::optional<Options> options;
  std::optional<EarlyExit> exit;
};

ParsedOptions parse_options(int argc, const char* const* argv);

inline constexpr const char* kVersion = "0.1.0";

} // namespace ctxray
