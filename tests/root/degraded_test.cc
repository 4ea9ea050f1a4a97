// SPDX-License-Identifier: GPL-2.0-or-later
// Each thing that a kernel can lack, taken away: what rests on it is absent, never 0, and all else as exact as ever.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "tests/root/support.h"
#include "userspace/error.h"
#include "userspace/report.h"

namespace ctxray {
namespace {

// Parts of the report that rest on what some kernels lack.
const std::set<std::string> kParts = {"syscalls",        "block_io",        "block_io.queue_ns",
                                      "interrupts.hard", "interrupts.soft", "interrupts.on_target",
                                      "ended_by"};

struct Lack {
  std::string name;
  std::set<std::string> features;
  std::set<std::string> absent; // of kParts
};

const std::set<std::string> kInterrupts = {"interrupts.hard", "interrupts.soft", "interrupts.on_target", "ended_by"};
const std::vector<Lack> kLacks = {
    {"nothing", {}, {}},
    {"plain loads of what an address points to", {"function:bpf_rdonly_cast"}, {}},
    {"names that change", {"tracepoint:task_rename"}, {}},
    {"workers of io_uring", {"tracepoint:sched_wakeup_new"}, {}},
    {"system calls", {"tracepoint:sys_exit"}, {"syscalls"}},
    {"the beginning of block requests", {"tracepoint:block_io_start"}, {"block_io.queue_ns"}},
    {"block requests", {"tracepoint:block_rq_issue", "tracepoint:block_io_start"}, {"block_io", "block_io.queue_ns"}},
    {"device interrupts", {"tracepoint:irq_handler_entry"}, kInterrupts},
    {"soft interrupts", {"tracepoint:softirq_entry"}, kInterrupts},
#if defined(__x86_64__)
    {"x86 vectors",
     {"tracepoint:local_timer_entry", "tracepoint:reschedule_entry", "tracepoint:call_function_entry",
      "tracepoint:irq_work_entry"},
     kInterrupts},
#endif
};

Json report_on(const Sample& sample) {
  Report report;
  report.model = make_model(sample);
  EXPECT_FALSE(text_report(report, {}).empty());
  return Json::parse(json_report(report));
}

bool names_wakers(const Json& process) {
  const Json& sites = process["wait_sites"];
  return std::any_of(sites.begin(), sites.end(), [](const Json& site) {
    Json by = site["ended_by"];
    by.erase("unknown");
    return !by.empty() || site.contains("waker");
  });
}

std::set<std::string> parts_of(const Json& report, const Json& process) {
  std::set<std::string> parts;
  for (const std::string& part : kParts) {
    const std::size_t dot = part.find('.');
    const std::string outer = part.substr(0, dot), inner = dot == std::string::npos ? "" : part.substr(dot + 1);
    if (report.contains(outer) && (inner.empty() || report[outer].contains(inner))) parts.insert(part);
  }
  if (names_wakers(process)) parts.insert("ended_by");
  EXPECT_EQ(process.contains("interrupts"), parts.count("interrupts.on_target") > 0);
  return parts;
}

std::set<std::string> rest_of(const std::set<std::string>& absent, const KernelFacts& facts) {
  std::set<std::string> rest = kParts;
  for (const std::string& part : absent) rest.erase(part);
  if (!facts.has("tracepoint:block_io_start")) rest.erase("block_io.queue_ns"); // before 6.5
  return rest;
}

bool has_disk_figures(const Sample& sample) {
  return sample.histograms.count(Reason::kDisk) > 0 && (!sample.block || sample.block->totals.requests > 0);
}

// Reads a file past the cache, so that block requests are there to tell of.
void expect_parts(const Lack& lack, KernelFacts facts) {
  for (const std::string& feature : lack.features) facts.features.erase(feature);
  Tracer tracer(make_plan(facts, {}), facts, "", false);
  Child disk({kWorkloads + "file_io", "direct", "600"}), players({kWorkloads + "pingpong", "1", "600"});
  const auto player = static_cast<pid_t>(std::stol(players.read_line()));
  ASSERT_GT(tracer.seed({disk.id(), static_cast<std::uint32_t>(player)}), 1U);

  const KernelFigures before = kernel_figures(player);
  const Totals first = process_of(tracer.read(), static_cast<std::uint32_t>(player)).totals;
  const KernelFigures begun = kernel_figures(player);
  while (kernel_figures(player).voluntary < begun.voluntary + 5'000) usleep(10'000);
  while (!has_disk_figures(tracer.read())) usleep(10'000);
  const KernelFigures ending = kernel_figures(player);
  const Sample sample = tracer.read();
  const KernelFigures after = kernel_figures(player);

  const Totals& last = process_of(sample, static_cast<std::uint32_t>(player)).totals;
  EXPECT_GE(last.voluntary - first.voluntary, ending.voluntary - begun.voluntary);
  EXPECT_LE(last.voluntary - first.voluntary, after.voluntary - before.voluntary);
  EXPECT_GE(last.involuntary - first.involuntary, ending.involuntary - begun.involuntary);
  EXPECT_LE(last.involuntary - first.involuntary, after.involuntary - before.involuntary);
  expect_invariants(sample);
  const Json report = report_on(sample);
  EXPECT_EQ(parts_of(report, process_of(report, static_cast<std::uint32_t>(player))), rest_of(lack.absent, facts));
}

TEST(Degraded, WhatRestsOnALackIsAbsentAndTheRestIsExact) {
  for (const Lack& lack : kLacks) {
    SCOPED_TRACE("without " + lack.name);
    expect_parts(lack, read_kernel_facts(""));
  }
}

// Where the kernel has no type information, or lets nobody see it.
TEST(Degraded, WithoutTypesItSaysHowToGetThem) {
  const std::string hide = "mount --bind /dev/null /sys/kernel/btf/vmlinux && exec ";
  const Finished run = run_command({"unshare", "--mount", "sh", "-c", hide + kCtxray + " run -- true"});
  EXPECT_EQ(run.status, 1);
  for (const char* part : {"BTF", "--btf", "ctxray doctor"})
    EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
  const Finished doctor = run_command({"unshare", "--mount", "sh", "-c", hide + kCtxray + " doctor"});
  EXPECT_NE(doctor.out.find("cannot work here yet"), std::string::npos) << doctor.out;
}

} // namespace
} // namespace ctxray
