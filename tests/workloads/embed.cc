// SPDX-License-Identifier: GPL-2.0-or-later
// A program that embeds the shared libpython: `embed SCRIPT ARGUMENT…` runs a script in it.
#include <dlfcn.h>
#include <glob.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "embed: %s\n", what);
  std::exit(1);
}

void* load_python() {
  glob_t found{};
  if (glob("/usr/lib/*/libpython3.*.so.1.0", 0, nullptr, &found) != 0) fail("no libpython3");
  void* library = dlopen(found.gl_pathv[0], RTLD_NOW | RTLD_GLOBAL);
  globfree(&found);
  if (library == nullptr) fail(dlerror());
  return library;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) fail("no script");
  // int Py_BytesMain(int argc, char **argv), since Python 3.8
  const auto run = reinterpret_cast<int (*)(int, char**)>(dlsym(load_python(), "Py_BytesMain"));
  if (run == nullptr) fail("no Py_BytesMain");
  return run(argc, argv);
}
