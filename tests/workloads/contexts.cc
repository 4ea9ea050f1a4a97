// SPDX-License-Identifier: GPL-2.0-or-later
// Switches between two coroutines with stacks of their own. Usage: contexts SWITCHES
#include <ucontext.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace {

ucontext_t caller, coroutine;
std::array<char, 1 << 16> stack;

void run() {
  for (;;) swapcontext(&coroutine, &caller);
}

} // namespace

int main(int argc, char** argv) {
  const long switches = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 0;
  if (switches < 2 || switches % 2 != 0) {
    std::fprintf(stderr, "usage: contexts SWITCHES (an even number)\n");
    return 2;
  }
  getcontext(&coroutine);
  coroutine.uc_stack.ss_sp = stack.data();
  coroutine.uc_stack.ss_size = stack.size();
  makecontext(&coroutine, run, 0);
  for (long i = 0; i < switches / 2; ++i) swapcontext(&caller, &coroutine);
  return 0;
}
