// SPDX-License-Identifier: GPL-2.0-or-later
// The command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "userspace/tui/theme.h"

namespace ctxray {

enum class Command : std::uint8_t { kTop, kRun, kAttach, kDoctor, kCost };
enum class CallCounting : std::uint8_t { kAuto, kFull, kSampled, kOff };
enum class ColourChoice : std::uint8_t { kAuto, kAlways, kNever };

struct TargetOptions {
  std::vector<std::uint32_t> pids;
  std::vector<std::string> names;
  std::string cgroup;
  bool everything = false;
  bool own = false; // of all these, what the user may see without ctxray too: not an option, but who he is
};

// How the live view looks. Also in the config file.
struct ViewOptions {
  tui::Theme theme = tui::Theme::kDefault;
  std::string sort = "busy";        // id of a column
  std::vector<std::string> columns; // ids; empty: the default ones
  bool ascii = false;
  double interval_s = 1;
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
  CallCounting syscalls = CallCounting::kAuto; // after parsing none of them is
  std::optional<double> budget;                // share of the time of all CPUs, 0 to 1
  bool coroutines = false;                     // of all runtimes that are known
  std::vector<std::string> coroutine_probes;   // BINARY:SYMBOL
  bool verbose = false;
  bool live = false;  // the live view is wanted
  bool batch = false; // lines are wanted in its place
  ViewOptions view;
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

// `config_path`: a file with defaults of the live view; it need not be there. Empty: none.
ParsedOptions parse_options(int argc, const char* const* argv, const std::string& config_path = {});

// $XDG_CONFIG_HOME/ctxray/config, or what stands for it; null: the variable is not set.
std::string default_config_path(const char* xdg_config_home, const char* home);

inline constexpr const char* kVersion = "0.1.0";

} // namespace ctxray
