// SPDX-License-Identifier: GPL-2.0-or-later
// Switches between two coroutines with stacks of their own, and has USDT probes: contexts:pair, where the two have had
// their turn, and contexts:listened, with a semaphore. Usage: contexts SWITCHES
#define _SDT_HAS_SEMAPHORES 1 // NOLINT(bugprone-reserved-identifier): so sys/sdt.h calls it
#include <sys/sdt.h>
#include <ucontext.h>

#include <array>
#include <cstdio>
#include <cstdlib>

// What DTRACE_PROBE names.
extern "C" {
unsigned short contexts_pair_semaphore __attribute__((section(".probes")));
unsigned short contexts_listened_semaphore __attribute__((section(".probes")));
}

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
  for (long i = 0; i < switches / 2; ++i) {
    swapcontext(&caller, &coroutine);
    DTRACE_PROBE(contexts, pair);
    if (__builtin_expect(contexts_listened_semaphore != 0, 0)) DTRACE_PROBE(contexts, listened);
  }
  return 0;
}
