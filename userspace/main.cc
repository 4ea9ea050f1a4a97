// SPDX-License-Identifier: GPL-2.0-or-later
// Joins both sides: options -> plan -> tracer -> samples -> reports. The only place that catches errors.
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "probes/kernel_facts.h"
#include "probes/launch.h"
#include "probes/machine_costs.h"
#include "probes/plan.h"
#include "probes/poller.h"
#include "probes/privileges.h"
#include "probes/roster.h"
#include "probes/targets.h"
#include "probes/tracer.h"
#include "userspace/costs.h"
#include "userspace/doctor.h"
#include "userspace/error.h"
#include "userspace/history.h"
#include "userspace/live_view.h"
#include "userspace/options.h"
#include "userspace/outputs.h"
#include "userspace/text.h"
#include "userspace/tui/front_end.h"

namespace ctxray {

namespace {

constexpr const char* kProc = "/proc";

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

// What failed may be named after what a target chose.
void tell(const std::string& what, const std::string& hint) {
  std::cerr << "ctxray: " << printable(what) << "\n";
  if (!hint.empty()) std::cerr << "  " << printable_lines(hint) << "\n";
}

void tell(const Error& error) { tell(error.what(), error.hint()); }

// Verdicts on the last seconds need a look each second.
double interval_of(const Options& options) { return options.interval_s == 0 ? 1 : options.interval_s; }

bool wants_coroutines(const Options& options) { return options.coroutines || !options.coroutine_probes.empty(); }

void probe_coroutines(const Options& options, Tracer& tracer) {
  if (!wants_coroutines(options)) return;
  tracer.probe_coroutines({options.coroutines, options.coroutine_probes});
  if (!options.run.empty()) tracer.expect_command(options.run);
}

LaterUse later_use(const Options& options, bool live) {
  return {true, wants_coroutines(options), options.command == Command::kRun, live};
}

struct Prepared {
  KernelFacts facts;
  Plan plan;
  RecordArray records{records_for(read_thread_limits())}; // begun first: it takes longest
};

Prepared prepare(const Options& options, bool live) {
  Prepared prepared;
  prepared.facts = read_kernel_facts(options.btf_path);
  const bool calls = options.syscalls != CallCounting::kOff, slices = options.syscalls == CallCounting::kSampled;
  prepared.plan =
      make_plan(prepared.facts, {options.targets.everything, options.follow, calls, slices, live, options.budget,
                                 options.targets.own ? std::optional(Viewer{getuid(), getgid()}) : std::nullopt});
  return prepared;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Where the figures of `ctxray cost` are kept.
std::string cost_path() { return default_cost_path(std::getenv("XDG_CACHE_HOME"), std::getenv("HOME")); }

Report make_report(const Prepared& prepared, TargetKind kind, const Sample& sample, History& history) {
  Report report;
  report.version = kVersion;
  report.kernel = prepared.facts.release;
  report.kind = kind;
  report.model = make_model(sample);
  report.costs = parse_costs(text_of_file(cost_path())).value_or(MachineCosts{});
  history.add(sample);
  report.recent = history.recent();
  return report;
}

// What the keys of the live view reach.
tui::FrontEnd::Hooks live_hooks(const Prepared& prepared, TargetKind kind, Tracer& tracer, Poller& poller) {
  return {[&poller](double seconds, double first) { poller.set_interval(to_ns(seconds), to_ns(first)); },
          [&prepared, &tracer, kind] {
            History history;
            const Raised raised(capability(CAP_DAC_OVERRIDE) | capability(CAP_CHOWN));
            return save_report(make_report(prepared, kind, tracer.read(), history));
          }};
}

void stay(LiveView& view, const Signals& signals, const SamplePtr& last, const std::string& notice) {
  Poller terminal(signals, {0, 0, -1, -1, -1, {}, STDIN_FILENO});
  view.stay(terminal, last, notice);
}

// Throws where the live view was asked for and cannot be had.
void require_screen() {
  if (const std::string why = tui::why_no_screen(); !why.empty())
    throw Error("cannot show the live view: " + why, 0, "without --tui the report comes at the end");
}

std::string end_words(int status) {
  return WIFSIGNALED(status) ? "the command was killed by signal " + std::to_string(WTERMSIG(status))
                             : "the command has ended with status " + std::to_string(WEXITSTATUS(status));
}

int run(const Options& options) {
  if (options.live) require_screen();
  const Outputs outputs(options, STDERR_FILENO);
  Prepared prepared = prepare(options, options.live);
  std::optional<Capture> capture;
  if (options.live) capture.emplace();
  Launch launch(options.run, options.user, capture ? &*capture : nullptr);
  const Signals signals;
  std::optional<LiveView> view;
  if (options.live) view.emplace(options);
  Tracer tracer(prepared.plan, prepared.facts, options.btf_path, options.verbose, std::move(prepared.records));
  probe_coroutines(options, tracer);
  give_up_privileges(later_use(options, options.live));
  const pid_t pid = launch.pid();
  tracer.arm(static_cast<std::uint32_t>(pid));

  launch.release();
  const int terminal = options.live ? STDIN_FILENO : -1;
  Poller poller(signals, {to_ns(interval_of(options)), 0, tracer.message_fd(), launch.end_fd(), pid, {}, terminal});
  History history;
  Watchers watchers = watchers_of(options, outputs, history);
  watchers.before_read = [&] {
    if (launch.ended()) tracer.await_end(static_cast<std::uint32_t>(pid));
  };
  SamplePtr sample;
  std::optional<int> status;
  if (view) {
    view->begin(live_hooks(prepared, TargetKind::kRun, tracer, poller));
    Watchers live = view->watchers();
    live.before_read = watchers.before_read;
    sample = watch(tracer, poller, live);
    status = view->left() ? std::optional<int>() : launch.wait();
    if (status) stay(*view, signals, sample, end_words(*status) + "; q leaves");
    view.reset();
  }
  if (capture) capture->replay();
  if (!status) {
    sample = watch(tracer, poller, watchers);
    status = launch.wait();
  }
  if (capture) capture->replay();

  Report report = make_report(prepared, TargetKind::kRun, *sample, history);
  report.command = options.run;
  report.exit_status = WIFSIGNALED(*status) ? 128 + WTERMSIG(*status) : WEXITSTATUS(*status);
  if (WIFSIGNALED(*status)) report.exit_signal = WTERMSIG(*status);
  try {
    write_reports(outputs, report);
  } catch (const Error& error) {
    tell(error);
    return *report.exit_status == 0 ? error.exit_status() : *report.exit_status;
  }
  return *report.exit_status;
}

// The live view where the terminal can show it; otherwise a line each interval, and why.
bool wants_live(const Options& options) {
  if (!options.live) return false;
  const std::string why = tui::why_no_screen();
  if (!why.empty() && isatty(STDOUT_FILENO) == 1)
    std::cerr << "ctxray: no live view: " << printable(why) << "; a line each interval instead\n";
  return why.empty();
}

int attach(const Options& options) {
  const bool live = wants_live(options);
  const Outputs outputs(options, STDOUT_FILENO);
  Prepared prepared = prepare(options, live);
  const std::vector<std::uint32_t> pids = find_targets(options.targets, kProc);
  const Signals signals;
  std::optional<LiveView> view;
  if (live) {
    view.emplace(options);
    const bool all = options.targets.everything;
    const std::vector<std::uint32_t> shown = all ? visible_pids(options.targets, kProc) : pids;
    view->show(std::make_shared<const Sample>(read_roster(shown, view->rows(), all, kProc)));
  }
  Tracer tracer(prepared.plan, prepared.facts, options.btf_path, options.verbose, std::move(prepared.records));
  probe_coroutines(options, tracer);
  give_up_privileges(later_use(options, live));
  const bool everything = options.targets.everything;
  if (tracer.seed(pids) == 0 && !everything) {
    find_targets(options.targets, kProc); // says so where it has ended meanwhile
    throw Error("cannot attach: this kernel does not show the target to tracing");
  }

  const std::function<bool()> alive = [&] { return everything || tracer.live_threads() > 0; };
  Poller poller(signals, {to_ns(interval_of(options)), to_ns(options.duration_s), tracer.message_fd(), -1, -1, alive,
                          live ? STDIN_FILENO : -1});
  History history;
  Watchers watchers = watchers_of(options, outputs, history);
  // Members that joined by name or cgroup since, and processes that have become the user's own.
  watchers.before_read = [&] {
    if (everything && options.targets.own) tracer.seed({});
    if (!options.targets.names.empty() || !options.targets.cgroup.empty())
      tracer.seed(find_members(options.targets, kProc));
  };
  const TargetKind kind = everything ? TargetKind::kSystem : TargetKind::kAttach;
  if (view) {
    view->begin(live_hooks(prepared, kind, tracer, poller));
    Watchers of_view = view->watchers();
    of_view.before_read = watchers.before_read;
    const SamplePtr last = watch(tracer, poller, of_view);
    if (!view->left() && !alive()) stay(*view, signals, last, "all targets have ended; q leaves");
    return 0;
  }
  Report report = make_report(prepared, kind, *watch(tracer, poller, watchers), history);
  report.pids = pids;
  report.own_only = options.targets.own;
  write_reports(outputs, report);
  return 0;
}

int doctor(const Options& options) {
  const KernelFacts facts = read_kernel_facts(options.btf_path);
  std::cout << doctor_table(facts.release, check_requirements(facts));
  return 0;
}

// Reports of this user state what switches cost from then on.
void remember_costs(const std::string& json) {
  const std::string path = cost_path();
  if (path.empty()) return;
  create_folders(std::filesystem::path(path).parent_path().string(), creator());
  Output(path, creator()).write(json);
}

int cost(const Options& options) {
  std::optional<Output> json;
  if (!options.json_path.empty()) json.emplace(options.json_path, creator());
  give_up_privileges({false, false, false, true}); // it plays with processes of its own alone
  const std::string boot = text_of_file(std::string(kProc) + "/sys/kernel/random/boot_id");
  const std::optional<MachineCosts> before = parse_costs(text_of_file(cost_path()), boot);
  const MachineCosts costs = lowest_of(measure_costs(), before.value_or(MachineCosts{}));
  if (options.json_path != "-") {
    std::cout << cost_table(costs);
    if (before) std::cout << "the lowest of this run and of those before, since the machine was started\n";
  }
  if (json) json->write(cost_json(costs, boot));
  remember_costs(cost_json(costs, boot));
  return 0;
}

// A probe in a file holds for everybody who runs it, and type information steers what is read from the kernel's memory.
void refuse_what_only_root_may(const Options& options) {
  const char* refused = wants_coroutines(options) ? "--coroutines and --coroutine-probe put probes into what others run"
                        : !options.btf_path.empty() ? "--btf decides what kernel memory is read"
                                                    : nullptr;
  if (refused != nullptr) throw Error(std::string(refused) + ": that is for root alone", EPERM, "sudo ctxray …");
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
    case Command::kCost:
      return cost(options);
  }
  return kExitFailure;
}

void end_of_output() {
  errno = 0;
  if (!std::cout.flush()) throw Error("cannot write to the standard output", errno);
}

// What is opened later must not take the place of a stream that is closed. A command that is launched finds it closed.
void hold_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

int main_with_errors(int argc, char** argv) {
  hold_streams();
  const Invoker invoker = take_on_invoker();
  const std::string config = default_config_path(std::getenv("XDG_CONFIG_HOME"), std::getenv("HOME"));
  const ParsedOptions parsed = parse_options(argc, argv, config);
  if (parsed.exit) {
    (parsed.exit->status == 0 ? std::cout : std::cerr) << printable_lines(parsed.exit->text);
    if (parsed.exit->status == 0) end_of_output();
    return parsed.exit->status;
  }
  Options options = *parsed.options;
  options.targets.own = invoker.ordinary;
  if (options.targets.own) refuse_what_only_root_may(options);
  const int status = dispatch(options);
  end_of_output();
  return status;
}

} // namespace

} // namespace ctxray

int main(int argc, char** argv) {
  // Otherwise the first large sample raises what glibc takes for large, and later ones stay with the process.
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  try {
    return ctxray::main_with_errors(argc, argv);
  } catch (const ctxray::Error& error) {
    // Whoever read this has seen enough; where a shell or a user has SIGPIPE ignored, it is told.
    if (error.error_number() == EPIPE) std::raise(SIGPIPE);
    ctxray::tell(error);
    return error.exit_status();
  } catch (const std::exception& error) {
    ctxray::tell(std::string("internal error: ") + error.what(), "");
    return ctxray::kExitFailure;
  }
}
