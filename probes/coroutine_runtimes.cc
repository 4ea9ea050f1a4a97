// SPDX-License-Identifier: GPL-2.0-or-later
// One row for each runtime.
#include "probes/coroutine_runtimes.h"

#include <algorithm>

#include "userspace/error.h"

namespace ctxray {

const std::vector<CoroutineRuntime>& coroutine_runtimes() {
  static const std::vector<std::string> kPython = {"python", "libpython"};
  static const std::vector<CoroutineRuntime> kRuntimes = {
      // Each step of a task sends into its coroutine (task_step_impl, Modules/_asynciomodule.c); the evaluation loop
      // sends too, from one coroutine to the next. _PyGen_Send is that of Python 3.9.
      {"asyncio", kPython, true, {"PyIter_Send", "_PyGen_Send"}, "_asyncio."},
      // Each switch saves the frame of the greenlet that it leaves (PythonState in greenlet.cpp), from Python 3.11 on.
      {"greenlet", kPython, true, {"PyThreadState_GetFrame"}, "_greenlet."},
      // The scheduler gives a thread to a goroutine (runtime/proc.go).
      {"goroutines", {}, true, {"runtime.execute"}, ""},
      {"swapcontext", {"libc.so.", "libc-2."}, true, {"swapcontext"}, ""},
      {"Boost.Context", {"libboost_context"}, true, {"jump_fcontext"}, ""},
      // cont.c; both are local, so only a Ruby with its symbols has them.
      {"Ruby fibers", {"libruby", "ruby"}, true, {"fiber_switch", "coroutine_transfer"}, ""},
  };
  return kRuntimes;
}

CustomRuntime parse_custom_runtime(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  const std::size_t colon = text.find(':', slash == std::string::npos ? 0 : slash);
  const Error bad("--coroutine-probe " + text + ": not of the form BINARY:SYMBOL or BINARY:usdt:PROVIDER:NAME", 0,
                  "as in --coroutine-probe /usr/lib/libmine.so:switch_fiber", kExitUsage);
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) throw bad;
  const std::string binary = text.substr(0, colon), symbol = text.substr(colon + 1), usdt = "usdt:";
  if (symbol.compare(0, usdt.size(), usdt) != 0) return {binary, "", symbol};
  const std::size_t end = symbol.find(':', usdt.size());
  if (end == std::string::npos || end == usdt.size() || end + 1 == symbol.size()) throw bad;
  return {binary, symbol.substr(usdt.size(), end - usdt.size()), symbol.substr(end + 1)};
}

bool may_hold(const CoroutineRuntime& runtime, const std::string& path, bool is_program) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return (is_program && runtime.in_program) ||
         std::any_of(runtime.files.begin(), runtime.files.end(),
                     [&name](const std::string& begin) { return name.rfind(begin, 0) == 0; });
}

} // namespace ctxray
