// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the interpreter that a process runs, and the memory that holds its lock.
#pragma once

#include <cstdint>
#include <string>

#include "userspace/sample.h"

namespace ctxray {

struct Interpreter {
  Runtime runtime = Runtime::kUnknown;
  std::uint64_t lock_start = 0; // addresses in the process, of kPython
  std::uint64_t lock_bytes = 0;
};

// Looks at the program and the libraries that a process has mapped. kUnknown: they may not be read.
// CPython keeps its lock in the exported object _PyRuntime (pycore_runtime.h); the interpreters of a build without the
// lock, which exports _Py_MergeZeroLocalRefcount (refcount.h), or of one that hides the object, are kPythonUntold.
// `proc`: where /proc is.
Interpreter find_interpreter(const std::string& proc, std::uint32_t pid);

} // namespace ctxray
