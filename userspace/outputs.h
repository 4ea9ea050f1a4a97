// SPDX-License-Identifier: GPL-2.0-or-later
// Where the lines of intervals and the reports of a command go, and who watches its samples for them.
#pragma once

#include <optional>

#include "userspace/history.h"
#include "userspace/options.h"
#include "userspace/output.h"
#include "userspace/report.h"
#include "userspace/session.h"

namespace ctxray {

// Whose the files are that this process makes: root's belong to who called sudo.
Creator creator();

// Opened first, so that a bad path ends the command before it begins.
struct Outputs {
  // `default_fd`: where the text goes unless the user has named a file.
  Outputs(const Options& options, int default_fd);

  Output text;
  std::optional<Output> json;
  bool write_text = true;
  bool report_text = true; // `top` shows lines as it goes, and that is all
  TextStyle style;
};

// Prints lines where they are asked for, and remembers samples in `history` where there will be a report. All three
// must outlive what is returned.
Watchers watchers_of(const Options& options, const Outputs& outputs, History& history);

// Where one place fails, the other still gets its report; then throws Error.
void write_reports(const Outputs& outputs, const Report& report);

// Writes a report to a new file in the current folder; returns, in words, how that went.
std::string save_report(const Report& report);

} // namespace ctxray
