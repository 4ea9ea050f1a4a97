// SPDX-License-Identifier: GPL-2.0-or-later
// Finds functions in binaries, by libbcc, which is loaded with the first object of this class: it is large.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ctxray {

class SymbolFinder {
 public:
  SymbolFinder(); // throws Error where there is no libbcc

  // Where in the file the function begins; none: its symbol tables do not have it.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(const std::string& path, const std::string& symbol) const;

 private:
  struct Close {
    void operator()(void* library) const;
  };
  std::unique_ptr<void, Close> library_;
  void* resolve_ = nullptr; // bcc_resolve_symname
};

} // namespace ctxray
