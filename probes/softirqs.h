// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's own counts of soft interrupts, by vector and CPU, from /proc/softirqs. Pure.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>

namespace ctxray {

class SoftirqCounts {
 public:
  // `proc_softirqs`: text in the form of /proc/softirqs. They are counted from here on.
  explicit SoftirqCounts(std::istream& proc_softirqs) { add(proc_softirqs, false); }

  // Takes what has come since. The kernel's numbers have 32 bits: so often that they do not go round meanwhile.
  void update(std::istream& proc_softirqs) { add(proc_softirqs, true); }
  [[nodiscard]] bool empty() const { return counts_.empty(); } // the text could not be read
  [[nodiscard]] std::uint64_t count(std::uint32_t cpu, std::uint32_t vector) const;

 private:
  struct Count {
    std::uint32_t last = 0;
    std::uint64_t sum = 0;
  };

  void add(std::istream& proc_softirqs, bool counts);

  std::map<std::pair<std::uint32_t, std::uint32_t>, Count> counts_; // by CPU and vector
};

} // namespace ctxray
