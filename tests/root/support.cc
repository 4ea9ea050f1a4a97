// SPDX-License-Identifier: GPL-2.0-or-later
// Starts programs, reads /proc and checks what must always hold.
#include "tests/root/support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "probes/kernel_facts.h"
#include "probes/plan.h"

namespace ctxray {

namespace {

std::string read_all(const Fd& fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(fd.get(), buffer, sizeof(buffer))) > 0;)
    text.append(buffer, static_cast<std::size_t>(size));
  return text;
}

} // namespace

Child::Child(const Command& command) {
  Pipe out, err;
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // a run that is stopped leaves no busy process behind
    // Where the tests run in the background, a shell or nohup has these ignored, and programs inherit that.
    for (const int signal_number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) signal(signal_number, SIG_DFL);
    dup2(out.write_end.get(), STDOUT_FILENO);
    dup2(err.write_end.get(), STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  setpgid(pid_, pid_);
  out_ = std::move(out.read_end);
  err_ = std::move(err.read_end);
}

Child::~Child() {
  if (pid_ > 0) {
    kill(-pid_, SIGKILL); // with all that it started
    wait();
  }
}

std::string Child::read_line() {
  std::string line;
  for (char byte = 0; read(out_.get(), &byte, 1) == 1 && byte != '\n';) line += byte;
  return line;
}

void Child::send(int signal) const { kill(pid_, signal); }

int Child::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

bool Child::alive() const { return pid_ > 0 && kill(pid_, 0) == 0; }

std::string Child::errors() { return read_all(err_); }

Finished run_command(const Command& command) {
  const TempFile out, err;
  Finished finished;
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(open(out.path().c_str(), O_WRONLY), STDOUT_FILENO);
    dup2(open(err.path().c_str(), O_WRONLY), STDERR_FILENO);
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  finished.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  finished.out = out.text();
  finished.err = err.text();
  return finished;
}

TempFile::TempFile() : path_(std::filesystem::temp_directory_path() / "ctxray-test-XXXXXX") {
  const Fd fd(mkstemp(path_.data()));
  if (!fd) throw std::runtime_error("mkstemp");
}

TempFile::~TempFile() { unlink(path_.c_str()); }

std::string TempFile::text() const { return read_file(path_); }

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

double cpu_s(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  unsigned long user = 0, system = 0;
  std::sscanf(stat.substr(stat.rfind(')')).c_str(), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
              &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

JsonRun ctxray_json(const std::string& command, const Command& rest) {
  const TempFile json;
  Command whole = {kCtxray, command, "--json", json.path()};
  whole.insert(whole.end(), rest.begin(), rest.end());
  JsonRun run;
  run.finished = run_command(whole);
  run.report = Json::parse(json.text(), nullptr, false);
  EXPECT_FALSE(run.report.is_discarded()) << run.finished.err;
  return run;
}

Tracer make_tracer(bool everything, bool follow) {
  const KernelFacts facts = read_kernel_facts("");
  return Tracer(make_plan(facts, {everything, follow, true}), facts, "", false);
}

KernelFigures kernel_figures(pid_t pid) {
  KernelFigures figures;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::istringstream status(read_file(entry.path() / "status"));
    for (std::string key; status >> key;) {
      std::uint64_t value = 0;
      if (key == "voluntary_ctxt_switches:" && status >> value) figures.voluntary += value;
      if (key == "nonvoluntary_ctxt_switches:" && status >> value) figures.involuntary += value;
    }
    std::uint64_t run = 0, queue = 0, slices = 0;
    std::istringstream(read_file(entry.path() / "schedstat")) >> run >> queue >> slices;
    figures.run_ns += run;
    figures.run_queue_ns += queue;
    figures.timeslices += slices;
  }
  return figures;
}

namespace {

void expect_conserved(const Totals& totals, const std::string& whose) {
  EXPECT_EQ(totals.on_cpu_ns + totals.run_queue_ns + totals.blocked_ns(), totals.lifetime_ns) << whose;
}

void expect_conserved(const Wall& wall, const std::string& whose) {
  EXPECT_EQ(wall.cpu_ns() + wall.starved_ns + wall.io_ns + wall.event_ns + wall.lock_ns + wall.idle_ns, wall.elapsed_ns)
      << whose;
}

void expect_group(const Json& group, std::uint64_t elapsed_ns) {
  const Json& time = group["time"];
  EXPECT_EQ(time["on_cpu_ns"].get<std::uint64_t>() + time["run_queue_ns"].get<std::uint64_t>() +
                time["blocked_ns"].get<std::uint64_t>(),
            time["lifetime_ns"].get<std::uint64_t>());
  std::uint64_t blocked = 0;
  for (const Json& wait : group["waits"]) blocked += wait["total_ns"].get<std::uint64_t>();
  EXPECT_EQ(blocked, time["blocked_ns"].get<std::uint64_t>());
  std::uint64_t wall = 0, running = 0;
  for (const Json& part : group["wall"]) wall += part.get<std::uint64_t>();
  for (const Json& part : group["parallelism"]["running_ns"]) running += part.get<std::uint64_t>();
  EXPECT_EQ(wall, elapsed_ns);
  EXPECT_EQ(running, elapsed_ns);
}

} // namespace

void expect_invariants(const Sample& sample) {
  expect_conserved(sample.totals, "group");
  expect_conserved(sample.wall, "group");
  for (const ProcessSample& process : sample.processes) {
    expect_conserved(process.totals, "process " + std::to_string(process.pid));
    expect_conserved(process.wall, "process " + std::to_string(process.pid));
    for (const ThreadSample& thread : process.threads)
      expect_conserved(thread.totals, "thread " + std::to_string(thread.tid));
  }
  const Loss& loss = sample.loss;
  EXPECT_EQ(loss.total(), 0U) << "dropped " << loss.dropped << ", map_full " << loss.map_full << ", recursion_misses "
                              << loss.recursion_misses << ", unseeded " << loss.unseeded;
}

void expect_invariants(const Json& report) {
  expect_group(report, report["elapsed_ns"].get<std::uint64_t>());
  for (const Json& process : report["processes"]) expect_group(process, process["elapsed_ns"].get<std::uint64_t>());
  EXPECT_EQ(report["loss"]["dropped"], 0);
  EXPECT_EQ(report["loss"]["unseeded"], 0);
  EXPECT_EQ(report["loss"]["map_full"], 0);
  EXPECT_EQ(report["loss"]["recursion_misses"], 0);
}

const ProcessSample& process_of(const Sample& sample, std::uint32_t pid) {
  for (const ProcessSample& process : sample.processes)
    if (process.pid == pid) return process;
  throw std::runtime_error("process " + std::to_string(pid) + " is not in the sample");
}

const Json& process_of(const Json& report, std::uint32_t pid) {
  for (const Json& process : report["processes"])
    if (process["pid"] == pid) return process;
  throw std::runtime_error("process " + std::to_string(pid) + " is not in the report");
}

} // namespace ctxray
