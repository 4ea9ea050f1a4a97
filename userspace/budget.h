// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps ctxray within the cost that it is allowed: decides what goes, and leaves out what depended on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "userspace/sample.h"

namespace ctxray {

class Budgeting {
 public:
  // `share`: of the time of all CPUs that probes and the program itself may take, 0 to 1.
  explicit Budgeting(double share) : budget_{share, {}} {}

  // The cost of a while, as such a share. Returns what is to go next: a single burst is no reason yet.
  std::optional<Shed> take(double share);

  [[nodiscard]] const Budget& budget() const { return budget_; }

 private:
  static constexpr int kInARow = 2;

  Budget budget_;
  int over_ = 0; // times on end
};

// What is not kept any more becomes absent: what was counted until then would look like all.
void leave_out(Sample& sample, const std::vector<Shed>& shed);

// What it has done to the figures.
std::string budget_sentence(const Budget& budget);

} // namespace ctxray
