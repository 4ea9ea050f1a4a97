// SPDX-License-Identifier: GPL-2.0-or-later
// Finds functions and USDT probes in binaries, by libbcc, which is loaded with an object of this class: it is large.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ctxray {

// What a user-space probe is put on, as places in the file.
struct ProbePlace {
  std::uint64_t offset = 0;
  std::uint64_t semaphore = 0; // counts who listens to a USDT probe; 0: it has none
};

class SymbolFinder {
 public:
  SymbolFinder(); // throws Error where there is no libbcc

  // Where in the file the function begins; none: its symbol tables do not have it.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(const std::string& path, const std::string& symbol) const;

  // Each place that the compiler made of this USDT probe; empty: the file has no such probe.
  [[nodiscard]] std::vector<ProbePlace> usdt_places(const std::string& path, const std::string& provider,
                                                    const std::string& name) const;

 private:
  struct Close {
    void operator()(void* library) const;
  };
  [[nodiscard]] void* function(const char* name) const;
  [[nodiscard]] std::optional<std::uint64_t> resolve(const std::string& path, const char* symbol,
                                                     std::uint64_t address) const;

  std::unique_ptr<void, Close> library_;
};

} // namespace ctxray
