// SPDX-License-Identifier: GPL-2.0-or-later
// An array map of the kernel side, mapped into this process.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <utility>

#include "userspace/error.h"

namespace ctxray {

template <typename T>
class MappedArray {
  static_assert(sizeof(T) % 8 == 0, "the kernel rounds the size of an element up to 8");

 public:
  MappedArray() = default;
  MappedArray(int map_fd, std::size_t entries, bool writable) : size_(entries * sizeof(T)), entries_(entries) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    size_ = (size_ + page - 1) / page * page;
    void* address = mmap(nullptr, size_, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, map_fd, 0);
    if (address == MAP_FAILED) throw Error("cannot map a BPF array", errno, "see `ctxray doctor`");
    data_ = static_cast<T*>(address);
  }
  MappedArray(MappedArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(other.size_), entries_(other.entries_) {}
  MappedArray& operator=(MappedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(entries_, other.entries_);
    return *this;
  }
  MappedArray(const MappedArray&) = delete;
  MappedArray& operator=(const MappedArray&) = delete;
  ~MappedArray() {
    if (data_ != nullptr) munmap(data_, size_);
  }

  [[nodiscard]] std::size_t size() const { return entries_; }
  T& operator[](std::size_t index) { return data_[index]; }
  const T& operator[](std::size_t index) const { return data_[index]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t entries_ = 0;
};

} // namespace ctxray
