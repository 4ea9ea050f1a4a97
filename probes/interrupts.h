// SPDX-License-Identifier: GPL-2.0-or-later
// Names of interrupt lines, vectors and soft interrupts by their index in the kernel side's table.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>

namespace ctxray {

class InterruptNames {
 public:
  InterruptNames();
  // `proc_interrupts`: text in the form of /proc/interrupts.
  explicit InterruptNames(std::istream& proc_interrupts);

  [[nodiscard]] std::string name(std::uint32_t index) const;

 private:
  void parse(std::istream& proc_interrupts);

  std::map<std::uint32_t, std::string> lines_;
};

} // namespace ctxray
