// SPDX-License-Identifier: GPL-2.0-or-later
// Describes the command line to CLI11 and checks what it cannot.
#include "userspace/options.h"

#include <CLI/CLI.hpp>

#include <map>
#include <sstream>

#include "userspace/error.h"

namespace ctxray {

namespace {

const CLI::Validator kSeconds = CLI::Range(0.001, 1e9).description("SECONDS");

void add_common(CLI::App& app, Options& options) {
  static const std::map<std::string, bool> kSyscalls = {{"full", true}, {"off", false}};
  static const std::map<std::string, ColourChoice> kColours = {
      {"auto", ColourChoice::kAuto}, {"always", ColourChoice::kAlways}, {"never", ColourChoice::kNever}};
  app.add_option("--json", options.json_path, "write the report as JSON to this file, - for stdout")
      ->type_name("FILE|-");
  app.add_option("-o,--output", options.text_path, "write the text report to this file")->type_name("FILE");
  app.add_option("--interval", options.interval_s, "print a line each SECONDS")->check(kSeconds)->type_name("SECONDS");
  app.add_flag("!--no-follow", options.follow, "leave out new threads and child processes");
  app.add_option("--syscalls", options.syscalls, "count system calls: full or off")
      ->transform(CLI::CheckedTransformer(kSyscalls).description(""))
      ->type_name("full|off");
  app.add_option("--btf", options.btf_path, "kernel type information to use in place of the kernel's own")
      ->type_name("FILE");
  app.add_option("--color", options.colour, "colour the report: auto, always or never")
      ->transform(CLI::CheckedTransformer(kColours).description(""))
      ->type_name("WHEN");
  app.add_flag("-v,--verbose", options.verbose, "show messages of the BPF loader");
}

void add_targets(CLI::App& app, Options& options) {
  app.add_option("-p,--pid", options.targets.pids, "this process, or this one thread; may be repeated")
      ->type_name("PID")
      ->delimiter(',')
      ->check(CLI::PositiveNumber.description(""));
  app.add_option("-n,--name", options.targets.names, "all processes of this name; may be repeated")
      ->type_name("NAME");
  app.add_option("--cgroup", options.targets.cgroup, "all processes in this cgroup")->type_name("PATH");
  app.add_flag("--all", options.targets.everything, "the whole machine");
}

bool has_targets(const TargetOptions& targets) {
  return !targets.pids.empty() || !targets.names.empty() || !targets.cgroup.empty();
}

EarlyExit usage_error(const std::string& problem) {
  return {kExitUsage, "ctxray: " + problem + "\n  `ctxray --help` shows what there is\n"};
}

struct Parsers {
  CLI::App app{"Is it CPU-bound or I/O-bound, and what exactly is it waiting for?", "ctxray"};
  CLI::App* top = nullptr;
  CLI::App* run = nullptr;
  CLI::App* attach = nullptr;
  CLI::App* doctor = nullptr;
};

void describe(Parsers& parsers, Options& options) {
  CLI::App& app = parsers.app;
  app.set_version_flag("--version", std::string("ctxray ") + kVersion);
  app.require_subcommand(0, 1);
  parsers.run = app.add_subcommand("run", "run a command; report when it ends, and exit with its status");
  add_common(*parsers.run, options);
  parsers.run->add_option("--user", options.user, "run the command as this user")->type_name("NAME");
  parsers.run->add_option("command", options.run, "the command and its arguments")->type_name("-- COMMAND [ARG…]");
  parsers.run->prefix_command();

  parsers.attach = app.add_subcommand("attach", "watch what runs already; report at the end");
  add_targets(*parsers.attach, options);
  parsers.attach->add_option("-d,--duration", options.duration_s, "end after SECONDS")
      ->check(kSeconds)
      ->type_name("SECONDS");
  add_common(*parsers.attach, options);

  parsers.top = app.add_subcommand("top", "a line each second, of the whole machine or of the targets given");
  add_targets(*parsers.top, options);
  add_common(*parsers.top, options);

  parsers.doctor = app.add_subcommand("doctor", "what this kernel and these privileges allow");
  parsers.doctor->add_option("--btf", options.btf_path, "kernel type information to look at")->type_name("FILE");
}

std::optional<EarlyExit> complete(const Parsers& parsers, Options& options) {
  if (parsers.doctor->parsed()) {
    options.command = Command::kDoctor;
  } else if (parsers.run->parsed()) {
    options.command = Command::kRun;
    const std::vector<std::string> rest = parsers.run->remaining();
    options.run.insert(options.run.end(), rest.begin(), rest.end());
    if (!options.run.empty() && options.run.front() == "--") options.run.erase(options.run.begin());
    if (options.run.empty()) return usage_error("run: no command given");
    if (options.run.front().front() == '-' && options.run.front().size() > 1)
      return usage_error("run: unknown option " + options.run.front());
  } else if (parsers.attach->parsed()) {
    options.command = Command::kAttach;
    if (!has_targets(options.targets) && !options.targets.everything)
      return usage_error("attach: say what to attach to: -p PID, -n NAME, --cgroup PATH or --all");
    if (has_targets(options.targets) && options.targets.everything)
      return usage_error("attach: --all already takes in every process; leave the others out");
  } else {
    options.command = Command::kTop;
    options.targets.everything = !has_targets(options.targets);
    if (options.interval_s == 0) options.interval_s = 1;
  }
  return std::nullopt;
}

} // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  Options options;
  Parsers parsers;
  describe(parsers, options);
  try {
    parsers.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    if (parsers.app.exit(error, out, err) == 0) return {std::nullopt, EarlyExit{0, out.str()}};
    return {std::nullopt, usage_error(error.what())};
  }
  if (std::optional<EarlyExit> exit = complete(parsers, options)) return {std::nullopt, exit};
  return {options, std::nullopt};
}

} // namespace ctxray
