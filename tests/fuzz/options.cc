// SPDX-License-Identifier: GPL-2.0-or-later
// Any command line, with any config file: options that make sense, or words that a terminal can show.
#include "userspace/options.h"

#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "tests/fuzz/fuzz.h"
#include "userspace/error.h"
#include "userspace/tui/columns.h"

namespace ctxray::fuzz {
namespace {

// A file in memory that each input writes anew.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    require(ftruncate(fd(), 0) == 0 && pwrite(fd(), text.data(), text.size(), 0) >= 0, "the fuzzer can write");
  }
  [[nodiscard]] static std::string path() { return "/proc/self/fd/" + std::to_string(fd()); }

 private:
  static int fd() {
    static const int kDescriptor = memfd_create("config", MFD_CLOEXEC);
    return kDescriptor;
  }
};

void check_exit(const EarlyExit& exit) {
  require(exit.status == 0 || exit.status == kExitUsage, "a mistake is a mistake of usage");
  require(!exit.text.empty(), "who is sent away is told why");
  require_harmless(exit.text);
}

void check_seconds(double seconds) { require(seconds == 0 || (seconds >= 0.001 && seconds <= 1e9), "times are sane"); }

void check_options(const Options& options) {
  check_seconds(options.interval_s);
  check_seconds(options.duration_s);
  check_seconds(options.view.interval_s);
  require(!options.budget || (*options.budget > 0 && *options.budget <= 1), "a budget is a share");
  require(options.syscalls != CallCounting::kAuto, "how calls are counted is settled");
  require(tui::find_column(options.view.sort) != nullptr, "there is the column to sort by");
  for (const std::string& id : options.view.columns) require(tui::find_column(id) != nullptr, "there is each column");
  for (const std::uint32_t pid : options.targets.pids) require(pid > 0, "a target is a process");
  const TargetOptions& targets = options.targets;
  const bool some = !targets.pids.empty() || !targets.names.empty() || !targets.cgroup.empty();
  if (options.command == Command::kRun) require(!options.run.empty(), "run has a command");
  if (options.command == Command::kAttach) require(some != targets.everything, "attach has its targets, or all");
  if (options.command == Command::kTop) require(some != targets.everything, "top has its targets, or all");
  if (options.command != Command::kRun) require(options.run.empty(), "only run has a command");
}

} // namespace
} // namespace ctxray::fuzz

// An argument a line; after an empty one the config file.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctxray::fuzz;
  Bytes bytes(data, size);
  std::vector<std::string> arguments = {"ctxray"};
  for (std::string argument; !bytes.empty() && !(argument = bytes.until('\n')).empty();) {
    argument.erase(std::min(argument.find('\0'), argument.size())); // as the kernel ends it
    arguments.push_back(argument);
  }
  const ConfigFile config(bytes.rest());
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  const ctxray::ParsedOptions parsed =
      ctxray::parse_options(static_cast<int>(argv.size()), argv.data(), ConfigFile::path());
  require(parsed.options.has_value() != parsed.exit.has_value(), "there are options, or the reason why not");
  if (parsed.exit) check_exit(*parsed.exit);
  if (parsed.options) check_options(*parsed.options);
  return 0;
}
