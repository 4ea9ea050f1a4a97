// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of figures that every table-like view and the metrics are made from.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "userspace/model.h"

namespace ctxray {

// What happened to all that is followed, and the judgement on it.
struct GroupView {
  const SystemSample& interval;
  const Judgement& group;
};

enum class Unit : std::uint8_t { kShare, kPerSecond, kCount };

struct Field {
  std::string_view id;    // stable
  std::string_view title; // column title, at most `width` columns
  std::string_view group; // title above a run of columns
  Unit unit;
  std::size_t width;
  std::string_view metric; // exported name
  std::string_view help;
  std::optional<double> (*value)(const GroupView& view); // none: unknown
};

const std::vector<Field>& fields();

} // namespace ctxray
