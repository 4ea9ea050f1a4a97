// SPDX-License-Identifier: GPL-2.0-or-later
// Makes records of the kernel side from the bytes of a fuzzer.
#pragma once

#include <algorithm>
#include <span>

#include "bpf/wire.h"
#include "tests/fuzz/fuzz.h"

namespace ctxray::fuzz {

// Zeros, with pieces of the input laid over them: records are large, and most of their bytes are of no interest.
template <typename Record>
Record make_record(Bytes& bytes) {
  constexpr std::size_t kMostPiece = 32;
  Record record{};
  for (int pieces = bytes.number(); pieces > 0 && !bytes.empty(); --pieces) {
    const std::size_t at = bytes.number<std::uint16_t>() % sizeof(record);
    const std::string piece = bytes.text(bytes.number() % kMostPiece + 1);
    std::memcpy(reinterpret_cast<char*>(&record) + at, piece.data(), std::min(piece.size(), sizeof(record) - at));
  }
  return record;
}

// The same as the kernel side can make it: nothing lasts for longer than a hundred days, and pids are those of Linux.
inline void tame(__u64& value) { value &= (1ULL << 53) - 1; }
inline void tame_pid(__u32& pid) { pid &= (1U << 22) - 1; }

template <typename Struct>
std::span<__u64> words_of(Struct& record) {
  static_assert(sizeof(record) % sizeof(__u64) == 0);
  return {reinterpret_cast<__u64*>(&record), sizeof(record) / sizeof(__u64)};
}

inline void tame(thread_totals& totals) {
  for (__u64& value : words_of(totals.sums)) tame(value);
  for (wait_total& wait : totals.waits)
    for (__u64* value : {&wait.count, &wait.total_ns, &wait.max_ns}) tame(*value);
}

inline void tame(thread_sample& thread) {
  for (__u64* value : {&thread.now_ns, &thread.rec.last_ns, &thread.rec.wake_ns, &thread.rec.start_ns}) tame(*value);
  tame(thread.rec.totals);
}

// Two CPUs that change the state in the same instant can leave a bucket short of nothing.
inline void tame(wall& wall) {
  constexpr __u64 kMostMissing = 1'000;
  tame(wall.start_ns);
  for (__u64& value : wall.bucket_ns) {
    if (value >> 63 != 0)
      value = -(value % kMostMissing);
    else
      tame(value);
  }
}

inline void tame(process_rec& process) {
  tame_pid(process.pid);
  tame(process.wall);
  tame(process.ended);
  tame(process.end_ns);
  for (__u64& value : words_of(process.block)) tame(value);
  for (auto& histogram : process.hist)
    for (__u64& value : histogram) tame(value);
}

} // namespace ctxray::fuzz
