// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the devices of interrupt lines from /proc/interrupts; vectors have fixed names.
#include "probes/interrupts.h"

#include <array>
#include <charconv>
#include <fstream>

#include "bpf/wire.h"

namespace ctxray {

namespace {

constexpr std::array<const char*, VECTOR_COUNT> kVectors = {"local_timer", "reschedule", "call_function",
                                                            "call_function_single", "irq_work"};
// Order of include/linux/interrupt.h, as in /proc/softirqs.
constexpr std::array<const char*, 10> kSoftirqs = {"HI",       "TIMER",   "NET_TX", "NET_RX",  "BLOCK",
                                                   "IRQ_POLL", "TASKLET", "SCHED",  "HRTIMER", "RCU"};

} // namespace

InterruptNames::InterruptNames() {
  std::ifstream file("/proc/interrupts");
  parse(file);
}

InterruptNames::InterruptNames(std::istream& proc_interrupts) { parse(proc_interrupts); }

// " 36:   0   37387  PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0": the last word names the devices.
void InterruptNames::parse(std::istream& proc_interrupts) {
  std::string text;
  while (std::getline(proc_interrupts, text)) {
    const std::size_t colon = text.find(':'), digits = text.find_first_not_of(' ');
    if (colon == std::string::npos || digits >= colon) continue;
    std::uint32_t irq = 0;
    const auto [end, error] = std::from_chars(text.data() + digits, text.data() + colon, irq);
    if (error != std::errc() || end != text.data() + colon) continue;
    const std::size_t last = text.find_last_not_of(' '), blank = text.find_last_of(' ', last);
    if (blank == std::string::npos || blank < colon) continue;
    lines_[irq] = text.substr(blank + 1, last - blank);
  }
}

std::string InterruptNames::name(std::uint32_t index) const {
  if (index >= WIRE_IRQ_LINES + WIRE_VECTORS) {
    const std::uint32_t vector = index - WIRE_IRQ_LINES - WIRE_VECTORS;
    return vector < kSoftirqs.size() ? kSoftirqs[vector] : "softirq " + std::to_string(vector);
  }
  if (index >= WIRE_IRQ_LINES) {
    const std::uint32_t vector = index - WIRE_IRQ_LINES;
    return vector < kVectors.size() ? kVectors[vector] : "vector " + std::to_string(vector);
  }
  if (index == WIRE_IRQ_LINES - 1) return "other lines";
  auto found = lines_.find(index);
  return std::to_string(index) + (found == lines_.end() ? "" : " " + found->second);
}

} // namespace ctxray
