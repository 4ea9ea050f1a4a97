// SPDX-License-Identifier: GPL-2.0-or-later
// What ctxray needs of a kernel and its privileges, as a table for people.
#pragma once

#include <string>
#include <vector>

namespace ctxray {

struct Requirement {
  std::string name;
  bool required = false; // nothing works without it
  bool found = false;
  std::string lost_without;
  std::string remedy;
};

std::string doctor_table(const std::string& kernel_release, const std::vector<Requirement>& requirements);

} // namespace ctxray
