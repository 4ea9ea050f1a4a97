// SPDX-License-Identifier: GPL-2.0-or-later
// Games whose rounds consist of what is to be measured. Each is made, and plays, in the calling process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ctxray {

using Rounds = std::function<void(long rounds)>;

enum class PartnerKind : std::uint8_t { kThread, kProcess };

void stay_on(int cpu); // this thread

Rounds system_calls();
Rounds page_faults();
Rounds coroutine_switches(); // two a round
Rounds context_switches();   // two a round

// A byte goes to a partner on this CPU and back; both touch so many bytes of their own when they have it.
Rounds ping_pong(PartnerKind kind, int cpu, std::size_t working_set = 0);
// What of it is no switch.
Rounds ping_pong_alone(PartnerKind kind, std::size_t working_set = 0);
Rounds futex_ping_pong(int cpu);

} // namespace ctxray
