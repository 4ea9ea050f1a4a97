// SPDX-License-Identifier: GPL-2.0-or-later
// Puts an error's text together.
#include "userspace/error.h"

#include <system_error>
#include <utility>

namespace ctxray {

namespace {

std::string with_cause(const std::string& what, int error_number) {
  return error_number == 0 ? what : what + ": " + std::generic_category().message(error_number);
}

} // namespace

Error::Error(const std::string& what, int error_number, std::string hint, int exit_status)
    : std::runtime_error(with_cause(what, error_number)),
      error_number_(error_number),
      hint_(std::move(hint)),
      exit_status_(exit_status) {}

} // namespace ctxray
