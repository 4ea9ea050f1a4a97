// SPDX-License-Identifier: GPL-2.0-or-later
// Judgements in words, the same in the report and on the screen.
#pragma once

#include <string>

#include "userspace/advice.h"
#include "userspace/bounds.h"
#include "userspace/io_model.h"
#include "userspace/sample.h"

namespace ctxray {

// "blocking: blocking 97.2%, buffered 2.8%".
std::string io_model_sentence(const IoModel& model);

// "1.33x faster if I/O were instant, …"; empty: nothing to gain.
std::string bounds_sentence(const Bounds& bounds);

// What to do, with the most that it gains.
std::string advice_sentence(const Advice& advice);

std::string switch_in_sentence(const Totals& totals);

// "1.23k/s"; empty where no time has passed.
std::string format_rate(std::uint64_t count, std::uint64_t elapsed_ns);

} // namespace ctxray
