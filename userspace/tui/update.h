// SPDX-License-Identifier: GPL-2.0-or-later
// What a key does: pure changes of the user's choices.
#pragma once

#include "userspace/tui/keys.h"
#include "userspace/tui/view.h"

namespace ctxray::tui {

// What only the front end can do.
enum class Request : std::uint8_t { kNone, kQuit, kSave, kInterval, kHold };

// `shown`: what the user saw when it came.
Request update(UiState& state, const Event& event, const Frame& shown);

} // namespace ctxray::tui
