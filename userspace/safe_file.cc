// SPDX-License-Identifier: GPL-2.0-or-later
// Walks to the file folder by folder, looking at what each step leads through.
#include "userspace/safe_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include "userspace/error.h"

namespace ctxray {

namespace {

constexpr mode_t kMode = 0644;
constexpr int kCreate = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;

class Handle {
 public:
  explicit Handle(int fd) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

class Walk {
 public:
  Walk(const std::string& path, const Creator& creator) : path_(path), creator_(creator) {}

  int open_file() {
    const std::filesystem::path path(path_);
    folder_ = check(open(path.is_absolute() ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (const std::filesystem::path& name : path.parent_path().relative_path()) enter(name.string());
    return create(path.filename().string());
  }

 private:
  [[noreturn]] void fail(int error_number, const std::string& why = {}) const {
    throw Error("cannot write the report to " + path_ + why, error_number, "choose another file");
  }
  Handle check(int fd) const {
    if (fd < 0) fail(errno);
    return Handle(fd);
  }
  [[nodiscard]] struct stat status(const Handle& of) const {
    struct stat status {};
    if (fstat(of.get(), &status) != 0) fail(errno);
    return status;
  }
  [[nodiscard]] bool all_may_write() const { return (status(folder_).st_mode & S_IWOTH) != 0; }
  [[nodiscard]] bool is_ours(const struct stat& file) const {
    return file.st_uid == creator_.self || (creator_.owner && file.st_uid == creator_.owner->uid);
  }
  // Where all may write, only one's own cannot be replaced by others meanwhile (if the folder is sticky).
  void refuse_others(const struct stat& file) const {
    if (is_ours(file)) return;
    fail(0, std::string(S_ISLNK(file.st_mode) ? ": it leads through a link" : ": it is a file") +
                " of another user's in a folder where all may write");
  }

  void enter(const std::string& name) {
    if (name.empty()) return;
    Handle next = check(openat(folder_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (const struct stat here = status(next); S_ISLNK(here.st_mode)) {
      if (all_may_write()) refuse_others(here);
      next = check(openat(folder_.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    }
    folder_ = std::move(next);
  }

  int create(const std::string& name) {
    const int made = openat(folder_.get(), name.c_str(), kCreate | O_EXCL, kMode);
    if (made >= 0) {
      // A file system without owners keeps it as it is.
      if (creator_.owner && fchown(made, creator_.owner->uid, creator_.owner->gid) != 0) errno = 0;
      return made;
    }
    if (errno != EEXIST) fail(errno);
    return all_may_write() ? reuse(name)
                           : check(openat(folder_.get(), name.c_str(), kCreate | O_TRUNC, kMode)).release();
  }

  int reuse(const std::string& name) {
    const struct stat here = status(check(openat(folder_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)));
    refuse_others(here);
    if (S_ISLNK(here.st_mode)) return check(openat(folder_.get(), name.c_str(), kCreate | O_TRUNC, kMode)).release();
    // Another name of one's own file: who made it wants that one to be lost.
    if (here.st_nlink != 1) fail(0, ": the file there has other names too");
    Handle file = check(openat(folder_.get(), name.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY));
    const struct stat opened = status(file);
    if (opened.st_ino != here.st_ino || opened.st_dev != here.st_dev) fail(EAGAIN);
    if (S_ISREG(opened.st_mode) && ftruncate(file.get(), 0) != 0) fail(errno);
    return file.release();
  }

  const std::string& path_;
  const Creator& creator_;
  Handle folder_{-1};
};

std::optional<std::uint32_t> parse_id(const char* text) {
  std::uint32_t id = 0;
  if (text == nullptr) return std::nullopt;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, id);
  return error == std::errc() && stop == end ? std::optional(id) : std::nullopt;
}

} // namespace

Creator find_creator(uid_t self, const char* sudo_uid, const char* sudo_gid) {
  const std::optional<std::uint32_t> uid = parse_id(sudo_uid), gid = parse_id(sudo_gid);
  if (self != 0 || !uid || !gid || *uid == 0) return {self};
  return {self, FileOwner{*uid, *gid}};
}

int open_to_write(const std::string& path, const Creator& creator) { return Walk(path, creator).open_file(); }

void create_folders(const std::string& path, const Creator& creator) {
  const std::filesystem::path folder(path);
  if (folder.empty() || access(path.c_str(), F_OK) == 0) return;
  if (folder != folder.parent_path()) create_folders(folder.parent_path().string(), creator);
  constexpr mode_t kFolderMode = 0777;
  if (mkdir(path.c_str(), kFolderMode) != 0 || !creator.owner) return;
  if (lchown(path.c_str(), creator.owner->uid, creator.owner->gid) != 0) errno = 0;
}

} // namespace ctxray
