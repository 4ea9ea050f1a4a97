// SPDX-License-Identifier: GPL-2.0-or-later
// Follows crowds of sleeping threads, in this process and with the program.
#include "tests/bench/own.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <sstream>
#include <thread>

#include "probes/kernel_facts.h"
#include "probes/plan.h"
#include "tests/bench/load.h"
#include "tests/root/support.h"
#include "userspace/costs.h"

namespace ctxray::bench {

namespace {

using Clock = std::chrono::steady_clock;

template <typename Work>
double milliseconds_of(Work work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double first_sample_ms() {
  constexpr int kTimes = 12;
  std::vector<double> times;
  for (int i = 0; i < kTimes; ++i) {
    times.push_back(milliseconds_of([] {
      RecordArray records(records_for(read_thread_limits()));
      const KernelFacts facts = read_kernel_facts("");
      Tracer tracer(make_plan(facts, {}), facts, "", false, std::move(records));
      tracer.seed({static_cast<std::uint32_t>(getpid())});
      tracer.read();
    }));
  }
  return quantile(times, 0.25);
}

double resident_mb(pid_t pid) {
  std::istringstream status(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  return 0;
}

// Between two processes on one CPU.
double switch_ns(const Load& load) {
  constexpr int kBlocks = 120;
  std::vector<double> blocks;
  for (int i = 0; i < kBlocks; ++i) blocks.push_back(load.measure());
  return quantile(blocks, 0.25);
}

// What the program itself takes while it follows all of them.
void measure_viewer(Crowd& crowd) {
  constexpr int kSeconds = 10;
  const Load load(load_kinds().front());
  double bare_ns = switch_ns(load), followed_ns = 0;
  {
    const Child viewer({kCtxray, "top", "--batch"});
    std::this_thread::sleep_for(std::chrono::seconds(3));
    const double before = cpu_s(viewer.pid());
    std::this_thread::sleep_for(std::chrono::seconds(kSeconds));
    crowd.cpu_share = (cpu_s(viewer.pid()) - before) / kSeconds;
    crowd.rss_mb = resident_mb(viewer.pid());
    followed_ns = switch_ns(load);
  }
  bare_ns = (bare_ns + switch_ns(load)) / 2;
  crowd.switch_ns = followed_ns - bare_ns;
}

Crowd measure_crowd(int processes, int threads) {
  constexpr int kReads = 8;
  Crowd crowd{processes, threads};
  Child people({kWorkloads + "crowd", std::to_string(processes), std::to_string(threads)});
  people.read_line();
  {
    const KernelFacts facts = read_kernel_facts("");
    Tracer tracer(make_plan(facts, {true, true, true, true, true}), facts, "", false);
    tracer.seed({});
    tracer.read_changes();
    std::vector<double> changes, whole;
    for (int i = 0; i < kReads; ++i) changes.push_back(milliseconds_of([&] { tracer.read_changes(); }));
    for (int i = 0; i < kReads; ++i) whole.push_back(milliseconds_of([&] { tracer.read(); }));
    crowd.snapshot_ms = quantile(changes, 0.25);
    crowd.whole_ms = quantile(whole, 0.25);
  }
  measure_viewer(crowd);
  return crowd;
}

} // namespace

OwnCosts measure_own() {
  OwnCosts own;
  own.first_sample_ms = first_sample_ms();
  own.crowds = {measure_crowd(10, 1), measure_crowd(100, 1), measure_crowd(500, 2), measure_crowd(5000, 2)};
  return own;
}

} // namespace ctxray::bench
