// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps a plain record in little room, where most of its words are 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

namespace ctxray {

template <typename T>
class Packed {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0);

 public:
  Packed() = default; // of zeros
  explicit Packed(const T& record) {
    Words words{};
    std::memcpy(words.data(), &record, sizeof(T));
    std::size_t used = 0;
    for (const std::uint64_t word : words) used += word != 0 ? 1 : 0;
    packed_.reserve(kMaps + used);
    packed_.resize(kMaps);
    for (std::size_t i = 0; i < kWords; ++i) {
      if (words[i] == 0) continue;
      packed_[i / 64] |= std::uint64_t{1} << i % 64;
      packed_.push_back(words[i]);
    }
  }

  [[nodiscard]] T unpack() const {
    Words words{};
    if (packed_.empty()) return T{};
    std::size_t next = kMaps;
    for (std::size_t i = 0; i < kWords; ++i)
      if ((packed_[i / 64] >> i % 64 & 1) != 0) words[i] = packed_[next++];
    T record;
    std::memcpy(static_cast<void*>(&record), words.data(), sizeof(T));
    return record;
  }

 private:
  static constexpr std::size_t kWords = sizeof(T) / 8;
  static constexpr std::size_t kMaps = (kWords + 63) / 64;
  using Words = std::array<std::uint64_t, kWords>;

  std::vector<std::uint64_t> packed_; // a bit for each word that is not 0, then those words
};

} // namespace ctxray
