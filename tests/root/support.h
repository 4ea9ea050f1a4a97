// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests against the running kernel share: programs to start, the kernel's own figures, invariants.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "probes/fd.h"
#include "probes/tracer.h"
#include "userspace/sample.h"

namespace ctxray {

using Json = nlohmann::json;
using Command = std::vector<std::string>;

// CTXRAY_PROGRAM names another build of it, such as one with sanitizers.
inline const std::string kCtxray = std::getenv("CTXRAY_PROGRAM") ? std::getenv("CTXRAY_PROGRAM") : "build/ctxray";
inline const std::string kWorkloads = "build/workloads/";

// A started program in a process group of its own; the group is killed and the program reaped at the end.
class Child {
 public:
  explicit Child(const Command& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint32_t id() const { return static_cast<std::uint32_t>(pid_); }
  // The next line of its output; blocks.
  std::string read_line();
  void send(int signal) const;
  // Waits for its end; status as of waitpid.
  int wait();
  [[nodiscard]] bool alive() const;
  // Text that it wrote to stderr; call after wait().
  std::string errors();

 private:
  pid_t pid_ = -1;
  Fd out_;
  Fd err_;
};

struct Finished {
  int status = 0; // exit status as a shell gives it
  std::string out;
  std::string err;
};
Finished run_command(const Command& command);

// A file that is removed at the end.
class TempFile {
 public:
  TempFile();
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string text() const;

 private:
  std::string path_;
};

struct JsonRun {
  Finished finished;
  Json report;
};
// `ctxray COMMAND --json FILE REST…`.
JsonRun ctxray_json(const std::string& command, const Command& rest);

// Loads and attaches all that this kernel has.
Tracer make_tracer(bool everything = false, bool follow = true);

// The kernel's figures, summed over the threads that a process has now.
struct KernelFigures {
  std::uint64_t voluntary = 0;
  std::uint64_t involuntary = 0;
  std::uint64_t run_ns = 0;
  std::uint64_t run_queue_ns = 0;
  std::uint64_t timeslices = 0;
};
KernelFigures kernel_figures(pid_t pid);

std::string read_file(const std::string& path);

// CPU time of a process up to now, in seconds, as coarse as the kernel's ticks.
double cpu_s(pid_t pid);

void expect_invariants(const Sample& sample);
void expect_invariants(const Json& report);

// The process with this pid.
const ProcessSample& process_of(const Sample& sample, std::uint32_t pid);
const Json& process_of(const Json& report, std::uint32_t pid);

} // namespace ctxray
