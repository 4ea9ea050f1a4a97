// SPDX-License-Identifier: GPL-2.0-or-later
// Reads /proc/PID/maps.
#include "probes/mappings.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace ctxray {

// "55d0c8a00000-55d0c8a5f000 r--p 00000000 fe:01 1234   /usr/bin/python3.11"
std::optional<MappedFile> parse_mapping(const std::string& line) {
  std::istringstream fields(line);
  MappedFile file;
  std::string permissions, device, inode;
  if (!(fields >> file.range >> permissions >> std::hex >> file.offset >> device >> inode >> std::ws)) return {};
  if (!std::getline(fields, file.path) || file.path.front() != '/') return {};
  char* dash = nullptr;
  file.start = std::strtoull(file.range.c_str(), &dash, 16);
  if (*dash != '-') return {};
  file.end = std::strtoull(dash + 1, nullptr, 16);
  file.code = permissions.find('x') != std::string::npos;
  return file;
}

std::optional<std::vector<MappedFile>> read_mappings(const std::string& process) {
  std::ifstream maps(process + "/maps");
  if (!maps) return {};
  std::vector<MappedFile> files;
  for (std::string line; std::getline(maps, line);)
    if (std::optional<MappedFile> file = parse_mapping(line)) files.push_back(std::move(*file));
  return files;
}

Fd open_mapped(const std::string& process, const MappedFile& file) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK; // a fifo may have taken its place since
  Fd fd(open((process + "/root" + file.path).c_str(), kFlags));
  if (!fd) fd = Fd(open((process + "/map_files/" + file.range).c_str(), kFlags));
  struct stat status {};
  return fd && fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) ? std::move(fd) : Fd();
}

} // namespace ctxray
