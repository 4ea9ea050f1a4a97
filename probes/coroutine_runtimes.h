// SPDX-License-Identifier: GPL-2.0-or-later
// The table of runtimes that switch coroutines, and by which function of which file each does. Pure.
#pragma once

#include <string>
#include <vector>

namespace ctxray {

struct CoroutineRuntime {
  std::string name;                 // as reports show it
  std::vector<std::string> files;   // beginnings of the names of files that may hold the function
  bool in_program = false;          // or the program itself
  std::vector<std::string> symbols; // the function's names, the one to prefer first
  // Beginning of the name of the file that a switch is called from; empty: each call is a switch.
  std::string caller;
};

const std::vector<CoroutineRuntime>& coroutine_runtimes();

// "BINARY:SYMBOL" or "BINARY:usdt:PROVIDER:NAME" of the user's own. Throws Error where it is of neither form.
struct CustomRuntime {
  std::string binary;
  std::string provider; // of a USDT probe; empty: `symbol` is a function
  std::string symbol;
};
CustomRuntime parse_custom_runtime(const std::string& text);

// Whether a file of this path may hold the runtime's function. `is_program`: it is what the process runs.
bool may_hold(const CoroutineRuntime& runtime, const std::string& path, bool is_program);

} // namespace ctxray
