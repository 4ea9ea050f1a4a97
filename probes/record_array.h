// SPDX-License-Identifier: GPL-2.0-or-later
// The array of threads' records. It is so large that the kernel takes 9 ms to clear it, so it can be made on a thread
// of its own while the rest is got ready.
#pragma once

#include <cstdint>
#include <future>

#include "probes/fd.h"

namespace ctxray {

class RecordArray {
 public:
  struct Made {
    Fd fd;
    std::uint32_t records;
  };

  // Begins to make it.
  explicit RecordArray(std::uint32_t records) : made_(std::async(kHow, make, records)) {}
  // Waits until it is there. Throws Error. Once only.
  Made take() { return made_.get(); }

 private:
  static constexpr auto kHow = std::launch::async | std::launch::deferred; // where there can be no thread: at take()
  static Made make(std::uint32_t records);

  std::future<Made> made_;
};

} // namespace ctxray
