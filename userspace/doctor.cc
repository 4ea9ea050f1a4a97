// SPDX-License-Identifier: GPL-2.0-or-later
// Lays the table of requirements out.
#include "userspace/doctor.h"

#include <algorithm>

#include <fmt/format.h>

namespace ctxray {

std::string doctor_table(const std::string& kernel_release, const std::vector<Requirement>& requirements) {
  std::string text = fmt::format("ctxray on Linux {}\n\n", kernel_release);
  std::size_t missing = 0;
  bool works = true;
  for (const Requirement& requirement : requirements) {
    text += fmt::format("  {:<8} {:<8} {}\n", requirement.found ? "found" : "MISSING",
                        requirement.required ? "needed" : "useful", requirement.name);
    if (requirement.found) continue;
    ++missing;
    works = works && !requirement.required;
    text += fmt::format("{:20}without it {}\n{:20}{}\n", "", requirement.lost_without, "", requirement.remedy);
  }
  if (missing == 0) return text + "\nEverything is here.\n";
  return text + (works ? "\nctxray works here, but for what is named above.\n" : "\nctxray cannot work here yet.\n");
}

} // namespace ctxray
