// SPDX-License-Identifier: GPL-2.0-or-later
// Lines for each interval, and the reports at the end.
#include "userspace/outputs.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "userspace/error.h"
#include "userspace/interval_line.h"
#include "userspace/model.h"
#include "userspace/tui/board.h"

namespace ctxray {

namespace {

// Prints a line for each interval, with the titles after each screenful.
class Lines {
 public:
  explicit Lines(const Output& output) : output_(output) {}

  void add(const GroupView& view) {
    constexpr int kScreenful = 20;
    if (count_++ % kScreenful == 0) output_.write(interval_header());
    output_.write(interval_line(view));
  }

 private:
  const Output& output_;
  int count_ = 0;
};

// Remembers each sample for the reports, and prints lines where they are asked for.
Watchers report_watchers(const Options& options, const Outputs& outputs, History& history) {
  Watchers watchers;
  const bool lines_wanted = options.interval_s != 0 && outputs.write_text;
  // Then lines that cannot be written do not end the watching.
  const bool more_wanted = options.command == Command::kRun || outputs.json;
  watchers.interval = [&history, lines_wanted = lines_wanted, more_wanted, lines = Lines(outputs.text)](
                          const SamplePtr& current, const SamplePtr& previous) mutable {
    if (history.empty()) history.add(*previous);
    history.add(*current);
    if (!lines_wanted) return;
    const Model model = make_model(*current, *previous);
    try {
      lines.add({model.interval, model.group});
    } catch (const Error&) {
      if (!more_wanted) throw;
      lines_wanted = false;
    }
  };
  return watchers;
}

// Lines are all that is wanted: they need only what has changed.
Watchers line_watchers(const Outputs& outputs) {
  Watchers watchers;
  watchers.changes = true;
  watchers.interval = [board = tui::Board(), lines = Lines(outputs.text)](const SamplePtr& current,
                                                                          const SamplePtr& previous) mutable {
    board.add(current, previous);
    lines.add({board.interval(), judge_group(board.interval(), board.evidence(), {})});
  };
  return watchers;
}

} // namespace

Creator creator() { return find_creator(geteuid(), std::getenv("SUDO_UID"), std::getenv("SUDO_GID")); }

Outputs::Outputs(const Options& options, int default_fd)
    : text(options.text_path.empty() ? Output(default_fd) : Output(options.text_path, creator())) {
  if (!options.json_path.empty()) json.emplace(options.json_path, creator());
  const bool same_place = options.json_path == "-" && options.text_path.empty() && default_fd == STDOUT_FILENO;
  write_text = !same_place;
  report_text = write_text && (options.command != Command::kTop || !options.text_path.empty());
  switch (options.colour) {
    case ColourChoice::kAuto:
      style.colour = text.is_terminal() && std::getenv("NO_COLOR") == nullptr;
      break;
    case ColourChoice::kAlways:
      style.colour = true;
      break;
    case ColourChoice::kNever:
      break;
  }
}

Watchers watchers_of(const Options& options, const Outputs& outputs, History& history) {
  return outputs.report_text || outputs.json ? report_watchers(options, outputs, history) : line_watchers(outputs);
}

void write_reports(const Outputs& outputs, const Report& report) {
  std::optional<Error> failure;
  const auto write = [&failure](const Output& output, const std::string& text) {
    try {
      output.write(text);
    } catch (const Error& error) {
      failure = error;
    }
  };
  if (outputs.report_text) write(outputs.text, text_report(report, outputs.style));
  if (outputs.json) write(*outputs.json, json_report(report));
  if (failure) throw *failure;
}

std::string save_report(const Report& report) {
  std::array<char, 64> name{};
  const std::time_t now = std::time(nullptr);
  std::strftime(name.data(), name.size(), "ctxray-%Y%m%d-%H%M%S.json", std::localtime(&now));
  try {
    Output(name.data(), creator()).write(json_report(report));
    return "saved as " + (std::filesystem::current_path() / name.data()).string();
  } catch (const Error& error) {
    return error.what();
  }
}

} // namespace ctxray
