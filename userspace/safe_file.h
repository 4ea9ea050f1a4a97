// SPDX-License-Identifier: GPL-2.0-or-later
// Opens files to write for who started the program: what others have put where all may write is left alone.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <optional>
#include <string>

namespace ctxray {

struct FileOwner {
  uid_t uid;
  gid_t gid;
};

// As whom files are opened, and to whom new ones are given.
struct Creator {
  uid_t self = geteuid();
  std::optional<FileOwner> owner = std::nullopt;
};

// Root gives its files to the user whom sudo has made root: `sudo_uid`, `sudo_gid` as sudo(8) puts them into the
// environment; null: it did not.
Creator find_creator(uid_t self, const char* sudo_uid, const char* sudo_gid);

// A descriptor of a new file, or of an old one that is empty from now on. The rule of proc(5), protected_symlinks and
// protected_regular, holds whatever this kernel is set to: in folders where all may write, nobody else's link is
// followed and nobody else's file is written to. Throws Error.
int open_to_write(const std::string& path, const Creator& creator);

// With those above it; what is there already stays as it is, and what cannot be made is not there.
void create_folders(const std::string& path, const Creator& creator);

} // namespace ctxray
