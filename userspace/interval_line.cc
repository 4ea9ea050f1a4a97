// SPDX-License-Identifier: GPL-2.0-or-later
// Lays fields out in columns.
#include "userspace/interval_line.h"

#include <fmt/format.h>

#include "userspace/format.h"

namespace ctxray {

namespace {

std::string cell(const Field& field, const GroupView& view) {
  const std::optional<double> value = field.value(view);
  if (!value) return "-";
  switch (field.unit) {
    case Unit::kShare:
      return fmt::format("{:.1f}", *value * 100);
    case Unit::kCount:
      return fmt::format("{:.2f}", *value);
    case Unit::kPerSecond:
      return format_count(*value);
  }
  return {};
}

std::string lost_mark(const Loss& loss) { return loss.total() == 0 ? "" : fmt::format(" lost {}", loss.total()); }

} // namespace

std::string interval_header() {
  std::string groups, titles;
  for (const Field& field : fields()) {
    const bool begins = groups.rfind(field.group) == std::string::npos;
    if (begins) groups = fmt::format("{:<{}} {}", groups, titles.size(), field.group);
    titles += fmt::format(" {:>{}}", field.title, field.width);
  }
  return groups + "\n" + titles + " verdict\n";
}

std::string interval_line(const GroupView& view) {
  std::string line;
  for (const Field& field : fields()) line += fmt::format(" {:>{}}", cell(field, view), field.width);
  return fmt::format("{} {}{}\n", line, verdict_name(view.group.verdict.verdict_class), lost_mark(view.interval.loss));
}

} // namespace ctxray
