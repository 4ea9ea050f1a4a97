// SPDX-License-Identifier: GPL-2.0-or-later
// What is measured against what: ctxray's modes, empty programs, and other tools where they are installed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ctxray::bench {

// A tool at work, until its destruction.
class Session {
 public:
  virtual ~Session() = default;
};

struct Tool {
  std::string name;
  std::function<std::unique_ptr<Session>()> start; // returns when it measures
};

// A program that measures; returns when it does.
std::unique_ptr<Session> start_program(const std::vector<std::string>& command);

// Whether a name has one of the parts in it, where there are any.
bool is_wanted(const std::string& name, const std::vector<std::string>& only);

// Programs that return at once on the tracepoints that ctxray uses, but for system calls.
inline constexpr const char* kEmpty = "empty: all but syscalls";

// Of those, switches and wakeups tell for how long each thread runs, is ready and waits: the least of what ctxray does.
inline constexpr const char* kLeast = "least: times of threads";

// Nothing, programs that return at once, and the least.
std::vector<Tool> floors();

// Other tools that look at the whole machine; those that are there.
std::vector<Tool> peers();

// All. `targets`: processes that ctxray follows; `other`: one that does nothing.
std::vector<Tool> tools(const std::vector<pid_t>& targets, pid_t other);

} // namespace ctxray::bench
