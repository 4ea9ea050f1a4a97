// SPDX-License-Identifier: GPL-2.0-or-later
// setpriv, setcap and folders.
#include "tests/root/ordinary.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tests/root/terminal.h"

namespace ctxray {

namespace fs = std::filesystem;

Command as_user(uid_t user, const Command& command) {
  const std::string id = std::to_string(user);
  Command whole = {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--inh-caps=-all"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

void await_program(const Child& child, const std::string& name) {
  EXPECT_TRUE(comes_true([&] { return status_of(child.pid())["Name"] == name; }));
}

TempFolder::TempFolder(uid_t owner, mode_t mode) : path_(fs::temp_directory_path() / "ctxray-test-XXXXXX") {
  EXPECT_NE(mkdtemp(path_.data()), nullptr);
  EXPECT_EQ(chown(path_.c_str(), owner, owner), 0);
  EXPECT_EQ(chmod(path_.c_str(), mode), 0);
}

TempFolder::~TempFolder() { fs::remove_all(path_); }

std::string TempFolder::copy(const std::string& program) const {
  std::string path = *this / fs::path(program).filename().string();
  fs::copy_file(program, path);
  EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  return path;
}

InstalledProgram::InstalledProgram(const std::string& capabilities, const std::string& program)
    : path_(folder_.copy(program)) {
  if (capabilities.empty()) return;
  const Finished set = run_command({"setcap", capabilities, path_});
  EXPECT_EQ(set.status, 0) << set.err;
}

std::map<std::string, std::string> parse_status(const std::string& text) {
  std::map<std::string, std::string> status;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t colon = line.find(":\t"); colon != std::string::npos)
      status[line.substr(0, colon)] = line.substr(colon + 2);
  return status;
}

std::map<std::string, std::string> status_of(pid_t pid) {
  return parse_status(read_file("/proc/" + std::to_string(pid) + "/status"));
}

} // namespace ctxray
