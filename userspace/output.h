// SPDX-License-Identifier: GPL-2.0-or-later
// A place that a report is written to, opened before anything else so that a bad path is known at once.
#pragma once

#include <string>

#include "userspace/safe_file.h"

namespace ctxray {

class Output {
 public:
  // `path` "-" stands for stdout. Throws Error where it cannot be written.
  Output(const std::string& path, const Creator& creator);
  // An open descriptor that stays its owner's, such as 2 for stderr.
  explicit Output(int fd) : fd_(fd) {}
  ~Output();
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Throws Error where not all of it can be written.
  void write(const std::string& text) const;

  [[nodiscard]] bool is_terminal() const;

 private:
  [[noreturn]] void give_up(int error_number) const;

  std::string path_;
  int fd_ = -1;
  bool owned_ = false;
};

} // namespace ctxray
