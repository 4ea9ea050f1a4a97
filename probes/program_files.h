// SPDX-License-Identifier: GPL-2.0-or-later
// The files that a command will map when it starts, as far as its program names them.
#pragma once

#include <string>
#include <vector>

namespace ctxray {

// What execvp() would run for this command: found by PATH, and for a script its interpreter. Empty: nothing.
std::string program_of(const std::vector<std::string>& command);

// The libraries that an ELF file needs, and those that they need; of those that are not found nothing is said.
std::vector<std::string> needed_libraries(const std::string& program);

} // namespace ctxray
