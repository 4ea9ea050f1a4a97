// SPDX-License-Identifier: GPL-2.0-or-later
// Everything of ctxray that has threads, for ThreadSanitizer: the games by which `ctxray cost` measures.
#include <sched.h>

#include <cstdio>

#include "probes/cost_games.h"

int main() {
  using namespace ctxray;
  constexpr long kRounds = 2'000;
  const int cpu = sched_getcpu();
  for (int game = 0; game < 20; ++game) { // each begins and ends its thread
    ping_pong(PartnerKind::kThread, cpu, 4096)(kRounds);
    ping_pong_alone(PartnerKind::kThread, 4096)(kRounds);
    futex_ping_pong(cpu)(kRounds);
  }
  std::puts("no data races in the games of `ctxray cost`");
}
