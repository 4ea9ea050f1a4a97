// SPDX-License-Identifier: GPL-2.0-or-later
// An array map of the kernel side, mapped into this process piece by piece as it is used: the kernel counts a whole
// mapping as resident at once.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>
#include <vector>

#include "userspace/error.h"

namespace ctxray {

template <typename T>
class MappedArray {
  static_assert(sizeof(T) % 8 == 0, "the kernel rounds the size of an element up to 8");

 public:
  MappedArray() = default;
  MappedArray(int map_fd, std::size_t entries, bool writable)
      : map_fd_(map_fd),
        entries_(entries),
        protection_(writable ? PROT_READ | PROT_WRITE : PROT_READ),
        page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        pieces_((entries + kPiece - 1) / kPiece) {}
  MappedArray(MappedArray&& other) noexcept { swap(other); }
  MappedArray& operator=(MappedArray&& other) noexcept {
    swap(other);
    return *this;
  }
  MappedArray(const MappedArray&) = delete;
  MappedArray& operator=(const MappedArray&) = delete;
  ~MappedArray() { unmap(); }

  [[nodiscard]] std::size_t size() const { return entries_; }
  // Gives all of it back, where more than so many elements are mapped. No reference to an element outlives this.
  void keep_at_most(std::size_t elements) {
    std::size_t mapped = 0;
    for (const Piece& piece : pieces_) mapped += piece.address != nullptr ? kPiece : 0;
    if (mapped > elements) unmap();
  }
  T& operator[](std::size_t index) { return *at(index); }
  const T& operator[](std::size_t index) const { return *at(index); }

 private:
  static constexpr std::size_t kPiece = 16; // elements

  struct Piece {
    void* address = nullptr; // of the page that its first element begins in
    std::size_t bytes = 0;
  };

  void unmap() {
    for (Piece& piece : pieces_)
      if (void* address = std::exchange(piece.address, nullptr); address != nullptr) munmap(address, piece.bytes);
  }

  void swap(MappedArray& other) noexcept {
    std::swap(map_fd_, other.map_fd_);
    std::swap(entries_, other.entries_);
    std::swap(protection_, other.protection_);
    std::swap(page_, other.page_);
    std::swap(pieces_, other.pieces_);
  }

  T* at(std::size_t index) const {
    Piece& piece = pieces_[index / kPiece];
    const std::size_t first = index / kPiece * kPiece, begin = first * sizeof(T) / page_ * page_;
    if (piece.address == nullptr) {
      const std::size_t end = std::min(first + kPiece, entries_) * sizeof(T);
      piece.bytes = (end - begin + page_ - 1) / page_ * page_;
      void* address = mmap(nullptr, piece.bytes, protection_, MAP_SHARED, map_fd_, static_cast<off_t>(begin));
      if (address == MAP_FAILED) throw Error("cannot map a BPF array", errno, "see `ctxray doctor`");
      piece.address = address;
    }
    return reinterpret_cast<T*>(static_cast<char*>(piece.address) + (index * sizeof(T) - begin));
  }

  int map_fd_ = -1;
  std::size_t entries_ = 0;
  int protection_ = PROT_READ;
  std::size_t page_ = 1;
  mutable std::vector<Piece> pieces_;
};

} // namespace ctxray
