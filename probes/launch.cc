// SPDX-License-Identifier: GPL-2.0-or-later
// Fork, wait for the word, exec.
#include "probes/launch.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>

#include "probes/privileges.h"
#include "userspace/error.h"

namespace ctxray {

namespace {

struct Identity {
  std::string name;
  uid_t uid;
  gid_t gid;
};

std::optional<Identity> find_user(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr)
    throw Error("cannot run as user " + name + ": there is no such user", 0, "`getent passwd` lists them");
  return Identity{entry->pw_name, entry->pw_uid, entry->pw_gid};
}

bool become(const Identity& identity) {
  return initgroups(identity.name.c_str(), identity.gid) == 0 && setgid(identity.gid) == 0 && setuid(identity.uid) == 0;
}

// The file that execvp would take, so that its vain tries are not the command's; the name itself where there is none.
std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  if (name.find('/') != std::string::npos || path == nullptr) return name;
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path file = std::filesystem::path(folder.empty() ? "." : folder) / name;
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0) return file.string();
  }
  return name;
}

// What the child reports where it cannot go on.
struct Failure {
  int error_number;
  bool at_user; // it could not take on the user's identity
};

} // namespace

Capture::Capture() : nothing_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  const char* folder = std::getenv("TMPDIR");
  output_ = Fd(open(folder != nullptr ? folder : "/tmp", O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600));
  if (!output_) output_ = Fd(memfd_create("ctxray-output", MFD_CLOEXEC));
  if (!nothing_ || !output_) throw Error("cannot keep the command's output", errno);
}

void Capture::replay() {
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t size = pread(output_.get(), buffer.data(), buffer.size(), replayed_);
    if (size <= 0) return;
    replayed_ += size;
    for (ssize_t done = 0; done < size;) {
      const ssize_t written = write(STDOUT_FILENO, buffer.data() + done, static_cast<std::size_t>(size - done));
      if (written < 0 && errno != EINTR) return;
      done += std::max<ssize_t>(written, 0);
    }
  }
}

bool Capture::redirect() const {
  const auto replace = [](const Fd& with, int stream) { return isatty(stream) == 0 || dup2(with.get(), stream) >= 0; };
  return replace(nothing_, STDIN_FILENO) && replace(output_, STDOUT_FILENO) && replace(output_, STDERR_FILENO);
}

Launch::Launch(const std::vector<std::string>& command, const std::string& user, const Capture* capture)
    : name_(command.at(0)) {
  const std::optional<Identity> identity = find_user(user);
  const std::string program = find_program(name_);
  Pipe go, failed;
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  pid_ = fork();
  if (pid_ < 0) throw Error("cannot start " + name_, errno);
  if (pid_ == 0) {
    go.write_end.reset(); // or the end of the parent would never be seen
    char byte = 0;
    if (read(go.read_end.get(), &byte, 1) != 1) _exit(kExitFailure);
    Failure failure{0, true};
    if (return_to_invoker() && (!identity || become(*identity))) {
      failure.at_user = false;
      if (capture != nullptr && !capture->redirect()) _exit(kExitFailure);
      execvp(program.c_str(), arguments.data());
    }
    failure.error_number = errno;
    if (write(failed.write_end.get(), &failure, sizeof(failure)) < 0) _exit(kExitFailure);
    _exit(kExitNotFound);
  }
  go_ = std::move(go.write_end);
  failed_ = std::move(failed.read_end);
  pidfd_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) throw Error("cannot watch process " + std::to_string(pid_), errno);
}

Launch::~Launch() {
  go_.reset();
  if (pid_ > 0) wait();
}

void Launch::release() {
  const char go = 1;
  if (write(go_.get(), &go, 1) != 1) throw Error("cannot start " + name_, errno);
  go_.reset();
  Failure failure{};
  ssize_t size = 0;
  do size = read(failed_.get(), &failure, sizeof(failure)); // ends at exec, which closes the pipe
  while (size < 0 && errno == EINTR);
  if (size != sizeof(failure)) return;
  wait();
  if (failure.at_user) throw Error("cannot run as another user", failure.error_number, "run ctxray as root");
  const bool has_path = name_.find('/') != std::string::npos;
  if (failure.error_number == ENOENT)
    throw Error(
        "cannot run " + name_ + ": command not found", 0,
        has_path ? "there is no such file, or not the interpreter that it names" : "give its path, or look at PATH",
        kExitNotFound);
  struct stat status {};
  const bool directory = stat(name_.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  throw Error("cannot run " + name_, failure.error_number,
              directory ? "it is a directory" : "is it an executable file?", kExitNotExecutable);
}

bool Launch::ended() const {
  pollfd poll_end = {pidfd_.get(), POLLIN, 0};
  return poll(&poll_end, 1, 0) == 1;
}

int Launch::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

} // namespace ctxray
