// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzzers share: values taken from the bytes that they are given, and promises that stop them when broken.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "userspace/text.h"

// Called by libFuzzer, which names it, for each input.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ctxray::fuzz {

inline void require(bool holds, std::string_view promise) {
  if (holds) return;
  std::fprintf(stderr, "BROKEN: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

// After the end come zeros.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::string text(std::size_t most) {
    std::string taken(rest_.substr(0, most));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  template <typename Number = std::uint8_t>
  Number number() {
    Number value = 0;
    const std::string taken = text(sizeof(value));
    std::memcpy(&value, taken.data(), taken.size());
    return value;
  }
  // Up to this byte, which is taken too.
  std::string until(char end) {
    std::string taken = text(rest_.find(end));
    rest_.remove_prefix(rest_.empty() ? 0 : 1);
    return taken;
  }
  std::string rest() { return text(rest_.size()); }

 private:
  std::string_view rest_;
};

// Lines that no terminal obeys.
inline void require_harmless(const std::string& text) {
  for (const char c : text)
    require(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f), "no control characters");
  require(printable_lines(text) == text, "what is shown can be shown");
}

} // namespace ctxray::fuzz
