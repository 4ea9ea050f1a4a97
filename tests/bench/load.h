// SPDX-License-Identifier: GPL-2.0-or-later
// Small loads that do one thing as often as they can, in a process of their own, a block at a time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ctxray::bench {

struct LoadKind {
  std::string name; // of one operation
  long block;       // operations in a block
  double (*run)(long operations);
};
const std::vector<LoadKind>& load_kinds();

// A process that runs blocks of a load when it is told to.
class Load {
 public:
  explicit Load(const LoadKind& kind);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // ns of each operation of a block.
  [[nodiscard]] double measure() const;

 private:
  LoadKind kind_;
  pid_t pid_ = -1;
  int ask_ = -1;
  int answer_ = -1;
};

} // namespace ctxray::bench
