// SPDX-License-Identifier: GPL-2.0-or-later
// Opens, writes and closes a report's file.
#include "userspace/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "userspace/error.h"

namespace ctxray {

Output::Output(const std::string& path, const Creator& creator) : path_(path) {
  if (path == "-") {
    fd_ = STDOUT_FILENO;
    return;
  }
  fd_ = open_to_write(path, creator);
  owned_ = true;
}

Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)), fd_(other.fd_), owned_(std::exchange(other.owned_, false)) {}

Output::~Output() {
  if (owned_) close(fd_);
}

// Half a report would be taken for a whole one.
void Output::give_up(int error_number) const {
  struct stat status {};
  const bool emptied = owned_ && fstat(fd_, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(fd_, 0) == 0;
  throw Error("cannot write the report" + (path_.empty() ? "" : " to " + path_), error_number,
              emptied ? "the file is left empty" : "");
}

void Output::write(const std::string& text) const {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = ::write(fd_, text.data() + done, text.size() - done);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) give_up(errno);
    done += static_cast<std::size_t>(size);
  }
}

bool Output::is_terminal() const { return isatty(fd_) == 1; }

} // namespace ctxray
