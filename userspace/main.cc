// SPDX-License-Identifier: GPL-2.0-or-later
// Joins both sides: options -> plan -> tracer -> samples -> reports. The only place that catches errors.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>

#include "probes/kernel_facts.h"
#include "probes/launch.h"
#include "probes/plan.h"
#include "probes/poller.h"
#include "probes/targets.h"
#include "probes/tracer.h"
#include "userspace/doctor.h"
#include "userspace/error.h"
#include "userspace/history.h"
#include "userspace/interval_line.h"
#include "userspace/options.h"
#include "userspace/output.h"
#include "userspace/report.h"

namespace ctxray {

namespace {

constexpr const char* kProc = "/proc";

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

// Where the reports go. Opened first, so that a bad path ends the command before it begins.
struct Outputs {
  Outputs(const Options& options, int default_fd)
      : text(options.text_path.empty() ? Output(default_fd) : Output(options.text_path)) {
    if (!options.json_path.empty()) json.emplace(options.json_path);
    const bool same_place = options.json_path == "-" && options.text_path.empty() && default_fd == STDOUT_FILENO;
    write_text = !same_place;
    switch (options.colour) {
      case ColourChoice::kAuto:
        style.colour = text.is_terminal() && std::getenv("NO_COLOR") == nullptr;
        break;
      case ColourChoice::kAlways:
        style.colour = true;
        break;
      case ColourChoice::kNever:
        break;
    }
  }

  Output text;
  std::optional<Output> json;
  bool write_text = true;
  TextStyle style;
};

void write_reports(const Outputs& outputs, const Report& report) {
  if (outputs.write_text) outputs.text.write(text_report(report, outputs.style));
  if (outputs.json) outputs.json->write(json_report(report));
}

// Verdicts on the last seconds need a look each second.
double interval_of(const Options& options) { return options.interval_s == 0 ? 1 : options.interval_s; }

// Remembers each sample, and prints a line for it where lines are asked for, with the titles after each screenful.
IntervalSink interval_sink(const Options& options, const Outputs& outputs, History& history) {
  const bool lines_wanted = options.interval_s != 0 && outputs.write_text;
  return [&outputs, &history, lines_wanted, lines = 0](const Sample& current, const Sample& previous) mutable {
    constexpr int kScreenful = 20;
    if (history.empty()) history.add(previous);
    history.add(current);
    if (!lines_wanted) return;
    if (lines++ % kScreenful == 0) outputs.text.write(interval_header());
    outputs.text.write(interval_line(make_model(current, previous)));
  };
}

struct Prepared {
  KernelFacts facts;
  Plan plan;
};

Prepared prepare(const Options& options) {
  Prepared prepared;
  prepared.facts = read_kernel_facts(options.btf_path);
  prepared.plan = make_plan(prepared.facts, {options.targets.everything, options.follow, options.syscalls});
  return prepared;
}

Report make_report(const Prepared& prepared, TargetKind kind, const Sample& sample, History& history) {
  Report report;
  report.version = kVersion;
  report.kernel = prepared.facts.release;
  report.kind = kind;
  report.model = make_model(sample);
  history.add(sample);
  report.recent = history.recent();
  return report;
}

int run(const Options& options) {
  const Outputs outputs(options, STDERR_FILENO);
  const Prepared prepared = prepare(options);
  Launch launch(options.run, options.user);
  const Signals signals;
  Tracer tracer(prepared.plan, prepared.facts, options.btf_path, options.verbose);
  const pid_t pid = launch.pid();
  tracer.arm(static_cast<std::uint32_t>(pid));

  launch.release();
  Poller poller(signals, {to_ns(interval_of(options)), 0, tracer.message_fd(), launch.end_fd(), pid, {}});
  const auto settle = [&] {
    if (launch.ended()) tracer.await_end(static_cast<std::uint32_t>(pid));
  };
  History history;
  const Sample sample = watch(tracer, poller, interval_sink(options, outputs, history), settle);

  const int status = launch.wait();
  Report report = make_report(prepared, TargetKind::kRun, sample, history);
  report.command = options.run;
  report.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (WIFSIGNALED(status)) report.exit_signal = WTERMSIG(status);
  write_reports(outputs, report);
  return *report.exit_status;
}

int attach(const Options& options) {
  const Outputs outputs(options, STDOUT_FILENO);
  const Prepared prepared = prepare(options);
  const std::vector<std::uint32_t> pids = find_targets(options.targets, kProc);
  const Signals signals;
  Tracer tracer(prepared.plan, prepared.facts, options.btf_path, options.verbose);
  if (tracer.seed(pids) == 0) {
    find_targets(options.targets, kProc); // says so where it has ended meanwhile
    throw Error("cannot attach: this kernel does not show the target to tracing");
  }

  const auto alive = [&] { return tracer.live_threads() > 0; };
  Poller poller(signals, {to_ns(interval_of(options)), to_ns(options.duration_s), tracer.message_fd(), -1, -1, alive});
  // Members that joined by name or cgroup since.
  const auto join_new = [&] {
    if (!options.targets.names.empty() || !options.targets.cgroup.empty())
      tracer.seed(find_members(options.targets, kProc));
  };
  History history;
  const Sample sample = watch(tracer, poller, interval_sink(options, outputs, history), join_new);

  Report report =
      make_report(prepared, options.targets.everything ? TargetKind::kSystem : TargetKind::kAttach, sample, history);
  report.pids = pids;
  write_reports(outputs, report);
  return 0;
}

int doctor(const Options& options) {
  const KernelFacts facts = read_kernel_facts(options.btf_path);
  std::cout << doctor_table(facts.release, check_requirements(facts));
  return 0;
}

int dispatch(const Options& options) {
  switch (options.command) {
    case Command::kRun:
      return run(options);
    case Command::kAttach:
    case Command::kTop:
      return attach(options);
    case Command::kDoctor:
      return doctor(options);
  }
  return kExitFailure;
}

int main_with_errors(int argc, char** argv) {
  const ParsedOptions parsed = parse_options(argc, argv);
  if (parsed.exit) {
    (parsed.exit->status == 0 ? std::cout : std::cerr) << parsed.exit->text;
    return parsed.exit->status;
  }
  return dispatch(*parsed.options);
}

} // namespace

} // namespace ctxray

int main(int argc, char** argv) {
  try {
    return ctxray::main_with_errors(argc, argv);
  } catch (const ctxray::Error& error) {
    std::cerr << "ctxray: " << error.what() << "\n";
    if (!error.hint().empty()) std::cerr << "  " << error.hint() << "\n";
    return error.exit_status();
  } catch (const std::exception& error) {
    std::cerr << "ctxray: internal error: " << error.what() << "\n";
    return ctxray::kExitFailure;
  }
}
