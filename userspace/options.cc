// SPDX-License-Identifier: GPL-2.0-or-later
// Describes the command line to CLI11 and checks what it cannot.
#include "userspace/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>

#include "userspace/error.h"
#include "userspace/text.h"
#include "userspace/tui/columns.h"

namespace ctxray {

namespace {

std::string check_seconds(const std::string& text) {
  double seconds = 0;
  const bool good = CLI::detail::lexical_cast(text, seconds) && seconds >= 0.001 && seconds <= 1e9;
  return good ? "" : "\"" + text + "\" is not a number of seconds from 0.001 on";
}

// "1%" or "1": 0.01.
std::optional<double> parse_percent(std::string text) {
  double percent = 0;
  if (!text.empty() && text.back() == '%') text.pop_back();
  if (!CLI::detail::lexical_cast(text, percent) || !(percent > 0 && percent <= 100)) return std::nullopt;
  return percent / 100;
}

std::string check_pid(const std::string& text) {
  std::uint32_t pid = 0;
  const bool good = text.find('-') == std::string::npos && CLI::detail::lexical_cast(text, pid) && pid > 0;
  return good ? "" : "\"" + text + "\" is not the number of a process";
}

// An option with a few words as its values.
template <typename T>
void add_choice(CLI::App& app, const std::string& name, T& value, const std::string& help,
                const std::map<std::string, T>& choices) {
  std::string words;
  for (const auto& [word, meaning] : choices) words += (words.empty() ? "" : "|") + word;
  app.add_option_function<std::string>(
         name, [&value, choices](const std::string& word) { value = choices.at(word); }, help)
      ->check([choices, words](const std::string& word) {
        return choices.count(word) > 0 ? "" : "\"" + word + "\" is none of " + words;
      })
      ->type_name(words);
}

void add_common(CLI::App& app, Options& options) {
  app.add_option("--json", options.json_path, "write the report as JSON to this file, - for stdout")
      ->type_name("FILE|-");
  app.add_option("-o,--output", options.text_path, "write the text report to this file")->type_name("FILE");
  app.add_option("--interval", options.interval_s, "print a line each SECONDS")
      ->check(check_seconds)
      ->type_name("SECONDS");
  app.add_flag("!--no-follow", options.follow, "leave out new threads and child processes");
  add_choice<CallCounting>(
      app, "--syscalls", options.syscalls,
      "count all system calls (as run does), none, or estimate their counts from slices of time where they are many",
      {{"full", CallCounting::kFull}, {"off", CallCounting::kOff}, {"sampled", CallCounting::kSampled}});
  app.add_option_function<std::string>(
         "--budget", [&options](const std::string& text) { options.budget = parse_percent(text); },
         "of all CPUs' time that ctxray may take; beyond it, it leaves out system calls, block requests, wakers, "
         "places")
      ->check([](const std::string& text) {
        return parse_percent(text) ? "" : "\"" + text + "\" is not a share of the CPUs such as 1% or 0.5%";
      })
      ->type_name("PERCENT");
  app.add_flag("--coroutines", options.coroutines,
               "count switches of coroutines (asyncio, greenlet, Go, swapcontext and others); about 1 us a switch");
  app.add_option("--coroutine-probe", options.coroutine_probes,
                 "count passes of this function or USDT probe as switches of coroutines; may be repeated")
      ->type_name("BINARY:SYMBOL")
      ->allow_extra_args(false);
  app.add_option("--btf", options.btf_path, "kernel type information to use in place of the kernel's own")
      ->type_name("FILE");
  add_choice<ColourChoice>(
      app, "--color", options.colour, "colour the report: auto, always or never",
      {{"auto", ColourChoice::kAuto}, {"always", ColourChoice::kAlways}, {"never", ColourChoice::kNever}});
  app.add_flag("-v,--verbose", options.verbose, "show messages of the BPF loader");
}

void add_targets(CLI::App& app, Options& options) {
  app.add_option("-p,--pid", options.targets.pids, "this process, or this one thread; may be repeated")
      ->type_name("PID")
      ->delimiter(',')
      ->check(check_pid);
  app.add_option("-n,--name", options.targets.names, "all processes of this name; may be repeated")->type_name("NAME");
  app.add_option("--cgroup", options.targets.cgroup, "all processes in this cgroup")->type_name("PATH");
  app.add_flag("--all", options.targets.everything, "the whole machine");
}

bool has_targets(const TargetOptions& targets) {
  return !targets.pids.empty() || !targets.names.empty() || !targets.cgroup.empty();
}

EarlyExit usage_error(const std::string& problem) {
  return {kExitUsage, "ctxray: " + printable(problem) +
                          "\n  commands are top, run, attach, doctor and cost; `ctxray --help` shows all\n"};
}

std::string column_names() {
  std::string names;
  for (const tui::Column& column : tui::columns()) names += (names.empty() ? "" : ", ") + std::string(column.id);
  return names;
}

std::string check_column(const std::string& id) {
  return tui::find_column(id) != nullptr ? "" : "\"" + id + "\" is no column; there are " + column_names();
}

// These stand before the command and in the config file.
void add_view(CLI::App& app, ViewOptions& view) {
  constexpr const char* kGroup = "Live view (also in the config file)";
  app.add_option_function<std::string>(
         "--theme", [&view](const std::string& name) { view.theme = *tui::find_theme(name); }, "colours")
      ->check([](const std::string& name) {
        return tui::find_theme(name) ? "" : "\"" + name + "\" is none of " + tui::theme_names();
      })
      ->type_name(tui::theme_names())
      ->group(kGroup);
  app.add_option("--sort", view.sort, "column to sort by")->check(check_column)->type_name("COLUMN")->group(kGroup);
  app.add_option("--columns", view.columns, "columns to show, in their order: " + column_names())
      ->delimiter(',')
      ->check(check_column)
      ->type_name("COLUMN,…")
      ->group(kGroup);
  app.add_flag("--ascii", view.ascii, "draw with ASCII characters only")->group(kGroup);
  app.add_option("--interval", view.interval_s, "seconds between two looks")
      ->check(check_seconds)
      ->type_name("SECONDS")
      ->group(kGroup);
}

struct Parsers {
  CLI::App app{"Is it CPU-bound or I/O-bound, and what exactly is it waiting for?", "ctxray"};
  CLI::App* top = nullptr;
  CLI::App* run = nullptr;
  CLI::App* attach = nullptr;
  CLI::App* doctor = nullptr;
  CLI::App* cost = nullptr;
};

void describe(Parsers& parsers, Options& options, const std::string& config_path) {
  CLI::App& app = parsers.app;
  app.set_version_flag("--version", std::string("ctxray ") + kVersion);
  app.require_subcommand(0, 1);
  add_view(app, options.view);
  // An empty name would be taken for a file that has to be there.
  app.set_config("--config", config_path.empty() ? "/dev/null" : config_path, "defaults of the live view");
  app.allow_config_extras(CLI::config_extras_mode::error);
  parsers.run = app.add_subcommand("run", "run a command (after --); report when it ends, and exit with its status");
  add_common(*parsers.run, options);
  parsers.run->add_flag("--tui", options.live, "show the live view meanwhile; the command's output comes after it");
  parsers.run->add_option("--user", options.user, "run the command as this user")->type_name("NAME");
  parsers.run->prefix_command();

  parsers.attach = app.add_subcommand("attach", "watch what runs already; report at the end");
  add_targets(*parsers.attach, options);
  parsers.attach->add_option("-d,--duration", options.duration_s, "end after SECONDS")
      ->check(check_seconds)
      ->type_name("SECONDS");
  add_common(*parsers.attach, options);

  parsers.top = app.add_subcommand("top", "live view of the whole machine, or of the targets given");
  parsers.top->fallthrough();
  parsers.top->add_flag("-b,--batch", options.batch, "a line each interval in place of the live view");
  add_targets(*parsers.top, options);
  add_common(*parsers.top, options);

  parsers.doctor = app.add_subcommand("doctor", "what this kernel and these privileges allow");
  parsers.doctor->add_option("--btf", options.btf_path, "kernel type information to look at")->type_name("FILE");

  parsers.cost = app.add_subcommand("cost", "measure what switches, system calls and wakeups cost on this machine");
  parsers.cost->add_option("--json", options.json_path, "write the figures as JSON to this file, - for stdout")
      ->type_name("FILE|-");
}

// The first of those that nothing takes; CLI11 names them all, in no order.
std::string describe_unexpected(const Parsers& parsers, const std::vector<std::string>& arguments) {
  const std::vector<std::string> left = parsers.app.remaining(true);
  const auto first = std::find_if(arguments.begin() + 1, arguments.end(), [&](const std::string& argument) {
    return std::find(left.begin(), left.end(), argument) != left.end();
  });
  if (first == arguments.end()) return "unexpected arguments"; // in a form that CLI11 has changed
  if (first->rfind('-', 0) == 0) return "unknown option " + *first;
  return (parsers.app.get_subcommands().empty() ? "unknown command " : "unexpected argument ") + *first;
}

// A fault in the config file must not look like one of the command line, `arguments`.
std::string describe_error(const CLI::ParseError& error, const Parsers& parsers,
                           const std::vector<std::string>& arguments) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return describe_unexpected(parsers, arguments);
  const std::string problem = error.what();
  const std::string option = problem.substr(0, problem.find(':')); // where it names one
  const bool view_option = option.rfind("--", 0) == 0 && parsers.app.get_option_no_throw(option) != nullptr;
  const bool given = std::any_of(arguments.begin(), arguments.end(),
                                 [&](const std::string& argument) { return argument.rfind(option, 0) == 0; });
  const bool in_config = dynamic_cast<const CLI::ConfigError*>(&error) != nullptr || (view_option && !given);
  return in_config ? parsers.app.get_config_ptr()->as<std::string>() + ": " + problem : problem;
}

std::optional<EarlyExit> complete(const Parsers& parsers, Options& options) {
  if (!options.run.empty() && !parsers.run->parsed()) return usage_error("only run takes a command after --");
  if (parsers.doctor->parsed()) {
    options.command = Command::kDoctor;
  } else if (parsers.cost->parsed()) {
    options.command = Command::kCost;
  } else if (parsers.run->parsed()) {
    options.command = Command::kRun;
    const std::vector<std::string> before_dashes = parsers.run->remaining();
    if (!before_dashes.empty() && before_dashes.front().rfind('-', 0) == 0)
      return usage_error("run: unknown option " + before_dashes.front());
    options.run.insert(options.run.begin(), before_dashes.begin(), before_dashes.end());
    if (options.run.empty() || options.run.front().empty())
      return usage_error("run: no command given; ctxray run [OPTIONS] -- COMMAND [ARG…]");
  } else if (parsers.attach->parsed()) {
    options.command = Command::kAttach;
    if (!has_targets(options.targets) && !options.targets.everything)
      return usage_error("attach: say what to attach to: -p PID, -n NAME, --cgroup PATH or --all");
    if (has_targets(options.targets) && options.targets.everything)
      return usage_error("attach: --all already takes in every process; leave the others out");
  } else {
    options.command = Command::kTop;
    options.targets.everything = !has_targets(options.targets);
    options.live = !options.batch && options.json_path.empty() && options.text_path.empty();
    if (options.interval_s != 0) options.view.interval_s = options.interval_s;
    options.interval_s = options.view.interval_s;
  }
  if (options.syscalls == CallCounting::kAuto)
    options.syscalls = options.command == Command::kRun ? CallCounting::kFull : CallCounting::kSampled;
  return std::nullopt;
}

} // namespace

std::string default_config_path(const char* xdg_config_home, const char* home) {
  if (xdg_config_home != nullptr && *xdg_config_home == '/') return std::string(xdg_config_home) + "/ctxray/config";
  if (home != nullptr && *home == '/') return std::string(home) + "/.config/ctxray/config";
  return {};
}

ParsedOptions parse_options(int argc, const char* const* argv, const std::string& config_path) {
  Options options;
  Parsers parsers;
  describe(parsers, options, config_path);
  // What follows "--" is the command's alone; CLI11 would look for options in it.
  const char* const* end = argv + argc;
  const char* const* dashes = std::find(argv, end, std::string_view("--"));
  if (dashes != end) options.run.assign(dashes + 1, end);
  try {
    parsers.app.parse(static_cast<int>(dashes - argv), argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    if (parsers.app.exit(error, out, err) == 0) return {std::nullopt, EarlyExit{0, out.str()}};
    return {std::nullopt, usage_error(describe_error(error, parsers, {argv, dashes}))};
  }
  if (std::optional<EarlyExit> exit = complete(parsers, options)) return {std::nullopt, exit};
  return {options, std::nullopt};
}

} // namespace ctxray
