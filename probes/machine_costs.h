// SPDX-License-Identifier: GPL-2.0-or-later
// Measures on this machine what a switch, a system call, a page fault and a wakeup cost. Needs no privileges.
#pragma once

#include "userspace/costs.h"

namespace ctxray {

// Takes some seconds. What needs a second CPU is left out where there is none. Throws Error.
MachineCosts measure_costs();

} // namespace ctxray
