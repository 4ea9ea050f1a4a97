// SPDX-License-Identifier: GPL-2.0-or-later
// Reads small files whole, such as those of /proc.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

namespace ctxray {

// No more than `most` bytes, since a target chooses how long its arguments are. Empty: it cannot be read, or is empty.
inline std::string read_text(const std::filesystem::path& path, std::size_t most = std::size_t{16} << 10) {
  std::string text(most, '\0');
  std::ifstream file(path);
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

} // namespace ctxray
