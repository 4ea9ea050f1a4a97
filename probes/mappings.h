// SPDX-License-Identifier: GPL-2.0-or-later
// The files that a process has mapped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probes/fd.h"

namespace ctxray {

struct MappedFile {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0; // in the file, of `start`
  bool code = false;
  std::string range; // as /proc/PID/map_files names it
  std::string path;  // in the process's own root
};

// Of a line of /proc/PID/maps; none where it is no file's.
std::optional<MappedFile> parse_mapping(const std::string& line);

// `process`: its folder in /proc. None: it may not be read, or is gone.
std::optional<std::vector<MappedFile>> read_mappings(const std::string& process);

// Through the process's own root, so that it is also found in a container; deleted files by their mapping. Only regular
// files are opened.
Fd open_mapped(const std::string& process, const MappedFile& file);

} // namespace ctxray
