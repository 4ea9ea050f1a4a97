// SPDX-License-Identifier: GPL-2.0-or-later
// Starts tools, and waits until the BPF programs that they bring are there.
#include "tests/bench/tools.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "empty.skel.h"
#include "tests/root/support.h"

namespace ctxray::bench {

namespace {

using std::chrono::milliseconds;

int program_count() {
  int count = 0;
  for (std::uint32_t id = 0; bpf_prog_get_next_id(id, &id) == 0;) ++count;
  return count;
}

// A program that measures from when its BPF programs are loaded, or from a second after its start.
class Program : public Session {
 public:
  explicit Program(const Command& command) {
    pid_ = fork();
    if (pid_ == 0) {
      setpgid(0, 0);
      prctl(PR_SET_PDEATHSIG, SIGINT); // a bench that is killed leaves no tool behind
      const int nothing = open("/dev/null", O_RDWR);
      for (int fd = 0; fd < 3; ++fd) dup2(nothing, fd);
      std::vector<char*> arguments;
      for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
      arguments.push_back(nullptr);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    setpgid(pid_, pid_);
    settle();
  }

  ~Program() override {
    kill(-pid_, SIGINT);
    for (int tries = 0; tries < 100; ++tries) {
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) return;
      std::this_thread::sleep_for(milliseconds(50));
    }
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

 private:
  void settle() const {
    int last = program_count();
    for (int quiet = 0, tries = 0; quiet < 5 && tries < 100; ++tries) {
      std::this_thread::sleep_for(milliseconds(200));
      const int now = program_count();
      quiet = now == last ? quiet + 1 : 0;
      last = now;
    }
    if (waitpid(pid_, nullptr, WNOHANG) != 0) throw std::runtime_error("it ended at once");
  }

  pid_t pid_ = -1;
};

class Own : public Session {
 public:
  explicit Own(const std::function<bool(const std::string&)>& is_used) : skeleton_(empty_bpf::open()) {
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton_->obj)
        bpf_program__set_autoload(program, is_used(bpf_program__name(program)));
    if (empty_bpf::load(skeleton_) != 0 || empty_bpf::attach(skeleton_) != 0)
      throw std::runtime_error("the bench's programs cannot be loaded");
  }
  ~Own() override { empty_bpf::destroy(skeleton_); }
  Own(const Own&) = delete;
  Own& operator=(const Own&) = delete;

 private:
  empty_bpf* skeleton_;
};

bool is_installed(const std::string& program) {
  return run_command({"sh", "-c", "PATH=$PATH:/usr/sbin command -v " + program}).status == 0;
}

} // namespace

std::unique_ptr<Session> start_program(const Command& command) { return std::make_unique<Program>(command); }

bool is_wanted(const std::string& name, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(),
                                     [&](const std::string& part) { return name.find(part) != std::string::npos; });
}

std::vector<Tool> floors() {
  const auto own = [](const std::string& name, const std::function<bool(const std::string&)>& is_used) {
    return Tool{name, [is_used] { return std::make_unique<Own>(is_used); }};
  };
  const auto is_of_threads = [](const std::string& program) {
    return program == "on_sched_switch" || program == "on_sched_waking";
  };
  const auto is_of_calls = [](const std::string& program) { return program == "on_sys_exit"; };
  const auto is_least = [](const std::string& program) { return program.rfind("least_", 0) == 0; };
  return {{"nothing", [] { return std::make_unique<Session>(); }},
          own("empty: switch, waking", is_of_threads),
          own(kEmpty, [=](const std::string& program) { return !is_least(program) && !is_of_calls(program); }),
          own(kLeast, [=](const std::string& program) { return !is_of_threads(program) && !is_of_calls(program); }),
          own("empty: sys_exit", is_of_calls)};
}

std::vector<Tool> peers() {
  std::vector<Tool> found;
  const auto peer = [&](const std::string& name, const Command& command) {
    if (is_installed(command[0])) found.push_back({name, [command] { return start_program(command); }});
  };
  for (const char* name : {"runqlat", "cpudist", "offcputime"}) peer(name, {name, "600"});
  peer("syscount", {"syscount", "-d", "600"});
  for (const char* name : {"hardirqs", "softirqs", "biolatency"}) peer(name, {name, "600"});
  peer("bpftrace, switches", {"bpftrace", "-e", "tracepoint:sched:sched_switch { @[args->prev_pid] = count(); }"});
  peer("bpftrace, syscalls", {"bpftrace", "-e", "tracepoint:raw_syscalls:sys_exit { @[pid] = count(); }"});
  peer("perf stat", {"perf", "stat", "-a", "-e", "context-switches", "sleep", "600"});
  peer("perf sched record", {"perf", "sched", "record", "-o", "/dev/null", "sleep", "600"});
  return found;
}

std::vector<Tool> tools(const std::vector<pid_t>& targets, pid_t other) {
  std::vector<Tool> found = floors();
  const auto ctxray = [&](const std::string& name, const std::string& mode, const std::vector<pid_t>& pids) {
    Command command = {kCtxray, "attach", "--syscalls=" + mode};
    for (const pid_t pid : pids) command.insert(command.end(), {"-p", std::to_string(pid)});
    found.push_back({name, [command] { return start_program(command); }});
  };
  ctxray("ctxray, syscalls off", "off", targets);
  ctxray("ctxray, full", "full", targets);
  ctxray("ctxray, of another, off", "off", {other});
  ctxray("ctxray, of another, full", "full", {other});
  const std::vector<Tool> others = peers();
  found.insert(found.end(), others.begin(), others.end());
  if (is_installed("perf"))
    found.push_back({"perf trace -s", [pid = std::to_string(targets[0])] {
                       return start_program({"perf", "trace", "-s", "-p", pid});
                     }});
  return found;
}

} // namespace ctxray::bench
