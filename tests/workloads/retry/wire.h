// SPDX-License-Identifier: GPL-2.0-or-later
// What client and server say to each other: a request is a datagram, and its answer is the same one sent back.
#pragma once

#include <cstdint>

namespace retry {

struct Datagram {
  std::uint32_t question = 0;
  std::uint32_t attempt = 0; // counted from 0 in each question
};

} // namespace retry
