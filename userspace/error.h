// SPDX-License-Identifier: GPL-2.0-or-later
// The one error that ends a command: what failed, the system's reason, and what to do next.
#pragma once

#include <stdexcept>
#include <string>

namespace ctxray {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;

class Error : public std::runtime_error {
 public:
  // `error_number`: an errno value, 0 for none; `hint`: the next step, may be empty.
  explicit Error(const std::string& what, int error_number = 0, std::string hint = {}, int exit_status = kExitFailure);

  [[nodiscard]] int error_number() const { return error_number_; }
  [[nodiscard]] const std::string& hint() const { return hint_; }
  [[nodiscard]] int exit_status() const { return exit_status_; }

 private:
  int error_number_;
  std::string hint_;
  int exit_status_;
};

} // namespace ctxray
