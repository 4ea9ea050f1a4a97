// SPDX-License-Identifier: GPL-2.0-or-later
// Starts tools, and waits until the BPF programs that they bring are there.
#include "tests/bench/tools.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <set>
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

class Empty : public Session {
 public:
  // `names`: the tracepoints, all but sys_exit where empty.
  explicit Empty(const std::set<std::string>& names) : skeleton_(empty_bpf::open()) {
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton_->obj) {
      const std::string name = std::string(bpf_program__name(program)).substr(3);
      bpf_program__set_autoload(program, names.empty() ? name != "sys_exit" : names.count(name) > 0);
    }
    if (empty_bpf::load(skeleton_) != 0 || empty_bpf::attach(skeleton_) != 0)
      throw std::runtime_error("empty programs cannot be loaded");
  }
  ~Empty() override { empty_bpf::destroy(skeleton_); }
  Empty(const Empty&) = delete;
  Empty& operator=(const Empty&) = delete;

 private:
  empty_bpf* skeleton_;
};

bool is_installed(const std::string& program) {
  return run_command({"sh", "-c", "PATH=$PATH:/usr/sbin command -v " + program}).status == 0;
}

} // namespace

std::unique_ptr<Session> start_program(const Command& command) { return std::make_unique<Program>(command); }

std::unique_ptr<Session> start_empty() { return std::make_unique<Empty>(std::set<std::string>{}); }

std::vector<Tool> tools(const std::vector<pid_t>& targets, pid_t other) {
  std::vector<Tool> found;
  const auto add = [&](const std::string& name, const Command& command) {
    found.push_back({name, [command] { return start_program(command); }});
  };
  const auto peer = [&](const Command& command) {
    if (is_installed(command[0])) add(command[0], command);
  };
  const auto empty = [&](const std::string& name, const std::set<std::string>& tracepoints) {
    found.push_back({name, [tracepoints] { return std::make_unique<Empty>(tracepoints); }});
  };
  const auto ctxray = [&](const std::string& mode, const std::vector<pid_t>& pids) {
    Command command = {kCtxray, "attach", "--syscalls=" + mode};
    for (const pid_t pid : pids) command.insert(command.end(), {"-p", std::to_string(pid)});
    return command;
  };
  found.push_back({"nothing", [] { return std::make_unique<Session>(); }});
  empty("empty: switch, waking", {"sched_switch", "sched_waking"});
  found.push_back({"empty: all but syscalls", start_empty});
  empty("empty: sys_exit", {"sys_exit"});
  add("ctxray, syscalls off", ctxray("off", targets));
  add("ctxray, full", ctxray("full", targets));
  add("ctxray, of another, off", ctxray("off", {other}));
  add("ctxray, of another, full", ctxray("full", {other}));
  peer({"runqlat", "600"});
  peer({"cpudist", "600"});
  peer({"offcputime", "600"});
  peer({"syscount", "-d", "600"});
  peer({"hardirqs", "600"});
  peer({"softirqs", "600"});
  peer({"biolatency", "600"});
  if (is_installed("bpftrace")) {
    add("bpftrace, switches", {"bpftrace", "-e", "tracepoint:sched:sched_switch { @[args->prev_pid] = count(); }"});
    add("bpftrace, syscalls", {"bpftrace", "-e", "tracepoint:raw_syscalls:sys_exit { @[pid] = count(); }"});
  }
  if (is_installed("perf")) {
    add("perf stat", {"perf", "stat", "-a", "-e", "context-switches", "sleep", "600"});
    add("perf sched record", {"perf", "sched", "record", "-o", "/dev/null", "sleep", "600"});
    add("perf trace -s", {"perf", "trace", "-s", "-p", std::to_string(targets[0])});
  }
  return found;
}

} // namespace ctxray::bench
