// SPDX-License-Identifier: GPL-2.0-or-later
// Interrupts against /proc/interrupts and /proc/softirqs, by sandwich.
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "tests/root/support.h"

namespace ctxray {
namespace {

// Sum over the CPUs of the line that begins with `label`.
std::uint64_t proc_count(const std::string& file, const std::string& label) {
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    if (!(words >> name) || name != label) continue;
    std::uint64_t sum = 0;
    for (std::uint64_t count = 0; words >> count;) sum += count;
    return sum;
  }
  return 0;
}

std::uint64_t our_count(const std::vector<InterruptSample>& interrupts, const std::string& name) {
  for (const InterruptSample& interrupt : interrupts)
    if (interrupt.name == name) return interrupt.count;
  return 0;
}

struct Pair {
  std::string file;
  std::string label;
  std::string name;
  bool soft;
};

TEST(Interrupts, AgreeWithProc) {
  const std::vector<Pair> pairs = {{"/proc/interrupts", "LOC:", "local_timer", false},
                                   {"/proc/softirqs", "TIMER:", "TIMER", true},
                                   {"/proc/softirqs", "SCHED:", "SCHED", true},
                                   {"/proc/softirqs", "RCU:", "RCU", true}};
  Child spin({kWorkloads + "spin", "2", "600"});
  spin.read_line();
  Tracer tracer = make_tracer();
  tracer.seed({spin.id()});
  const auto figures = [&] {
    std::vector<std::uint64_t> counts;
    for (const Pair& pair : pairs) counts.push_back(proc_count(pair.file, pair.label));
    return counts;
  };
  const std::vector<std::uint64_t> before_first = figures();
  const Sample first = tracer.read();
  const std::vector<std::uint64_t> after_first = figures();
  while (proc_count("/proc/interrupts", "LOC:") < after_first[0] + 500) usleep(10'000);
  const std::vector<std::uint64_t> before_last = figures();
  const Sample last = tracer.read();
  const std::vector<std::uint64_t> after_last = figures();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto count = [&](const Sample& sample) {
      return our_count(pairs[i].soft ? *sample.soft : *sample.hard, pairs[i].name);
    };
    const std::uint64_t ours = count(last) - count(first);
    EXPECT_LE(ours, after_last[i] - before_first[i]) << pairs[i].name;
    // Kernels can hide interrupts that hit certain tasks; this one hides those of its supervisor.
    EXPECT_GE(static_cast<double>(ours), 0.9 * static_cast<double>(before_last[i] - after_first[i])) << pairs[i].name;
  }
}

TEST(Interrupts, ThatHitTheTargetArePartOfAll) {
  const JsonRun run = ctxray_json("run", {"--", kWorkloads + "spin", "2", "0.5"});
  const Json& interrupts = run.report["interrupts"];
  std::uint64_t hard = 0, hard_ns = 0;
  for (const Json& interrupt : interrupts["hard"]) {
    std::uint64_t on_cpus = 0;
    for (const Json& cpu : interrupt["per_cpu"]) on_cpus += cpu["count"].get<std::uint64_t>();
    EXPECT_EQ(on_cpus, interrupt["count"].get<std::uint64_t>());
    hard += interrupt["count"].get<std::uint64_t>();
    hard_ns += interrupt["ns"].get<std::uint64_t>();
  }
  EXPECT_GT(interrupts["on_target"]["hard_count"].get<std::uint64_t>(), 0U); // ticks
  EXPECT_LE(interrupts["on_target"]["hard_count"].get<std::uint64_t>(), hard);
  EXPECT_LE(interrupts["on_target"]["hard_ns"].get<std::uint64_t>(), hard_ns);
  EXPECT_LT(interrupts["on_target"]["hard_ns"].get<std::uint64_t>(),
            run.report["time"]["on_cpu_ns"].get<std::uint64_t>());
}

} // namespace
} // namespace ctxray
