// SPDX-License-Identifier: GPL-2.0-or-later
// What tests need to act as ordinary users: identities, folders that these can reach, and programs with capabilities.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "tests/root/support.h"

namespace ctxray {

// Nobody has these on a machine of Debian's.
inline constexpr uid_t kUser = 64'001;
inline constexpr uid_t kOtherUser = 64'002;

// The command as that user, with no group but his own and no capability.
Command as_user(uid_t user, const Command& command);

// A process of that user; it sleeps.
class Sleeper : public Child {
 public:
  explicit Sleeper(uid_t user, const std::string& program = "sleep")
      : Child(as_user(user, {"sh", "-c", "echo ready; exec " + program + " 1000"})) {
    read_line();
  }
};

// Until the child executes the program of this name.
void await_program(const Child& child, const std::string& name);

// A folder that everybody can reach, removed at the end with all that is in it.
class TempFolder {
 public:
  explicit TempFolder(uid_t owner = 0, mode_t mode = 0755);
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // Copies a program into it.
  [[nodiscard]] std::string copy(const std::string& program) const;

 private:
  std::string path_;
};

// ctxray, or another program, where ordinary users can run it, with these capabilities, in words of setcap(8).
class InstalledProgram {
 public:
  explicit InstalledProgram(const std::string& capabilities, const std::string& program = kCtxray);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  TempFolder folder_;
  std::string path_;
};

// The lines of /proc/PID/status, by name.
std::map<std::string, std::string> parse_status(const std::string& text);
std::map<std::string, std::string> status_of(pid_t pid);

} // namespace ctxray
