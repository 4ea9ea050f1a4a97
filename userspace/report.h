// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that a report says, and its two forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "userspace/costs.h"
#include "userspace/history.h"
#include "userspace/model.h"

namespace ctxray {

enum class TargetKind : std::uint8_t { kRun, kAttach, kSystem };

struct Report {
  std::string version;
  std::string kernel;
  TargetKind kind = TargetKind::kRun;
  std::vector<std::string> command; // launched
  std::vector<std::uint32_t> pids;  // attached to
  bool own_only = false;            // other users' processes are not shown
  std::optional<int> exit_status;   // as a shell gives it: 128 + n for signal n
  std::optional<int> exit_signal;
  Model model;
  Recent recent;      // the verdicts on the last seconds
  MachineCosts costs; // empty: not measured on this machine
};

struct TextStyle {
  bool colour = false;
  std::size_t width = 80;
};

std::string text_report(const Report& report, const TextStyle& style);

// Schema ctxray.report/1. Absent means unknown. Times in ns. Ends in a newline.
std::string json_report(const Report& report);

} // namespace ctxray
