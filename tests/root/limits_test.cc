// SPDX-License-Identifier: GPL-2.0-or-later
// Maps that are too small, memory that is short, and runs that the kernel refuses: sums hold, or the loss is shown.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "probes/kernel_facts.h"
#include "probes/launch.h"
#include "probes/plan.h"
#include "tests/root/faults.h"
#include "userspace/model.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLeastRing = 4096; // a page: room for one message of a thread's end

std::uint64_t waits_of(const Totals& totals) {
  std::uint64_t count = 0;
  for (const WaitTotal& wait : totals.waits) count += wait.count;
  return count;
}

std::uint64_t waits_at_places(const Sample& sample) {
  std::uint64_t count = 0;
  for (const ProcessSample& process : sample.processes)
    for (const SiteSample& site : process.sites) count += site.count;
  return count;
}

struct Raged {
  Storm storm;
  Sample sample;
};

// A storm that is launched under this plan and watched to its end, without a reader meanwhile.
Raged watch(const std::string& storm, const Plan& plan, const KernelFacts& facts, RecordArray records) {
  const TempFile output;
  Launch launch({"sh", "-c", "exec " + kWorkloads + "storm " + storm + " >" + output.path()}, "", nullptr);
  Tracer tracer(plan, facts, "", false, std::move(records));
  const auto pid = static_cast<std::uint32_t>(launch.pid());
  tracer.arm(pid);
  launch.release();
  EXPECT_EQ(launch.wait(), 0);
  tracer.await_end(pid);
  Raged raged = {parse_storm(output.text()), tracer.read()};
  const Totals& totals = raged.sample.totals;
  EXPECT_EQ(totals.on_cpu_ns + totals.run_queue_ns + totals.blocked_ns(), totals.lifetime_ns);
  EXPECT_EQ(raged.sample.loss.dropped, 0U);
  EXPECT_EQ(raged.sample.loss.recursion_misses, 0U);
  return raged;
}

Raged rage(const std::function<void(Plan&)>& change, const std::string& storm, double last = 0) {
  const KernelFacts facts = read_kernel_facts("");
  Plan plan = make_plan(facts, {});
  change(plan);
  Raged raged = watch(storm, plan, facts, RecordArray(records_for(facts.limits)));
  const Totals& totals = raged.sample.totals;
  // Among them the storm's parent, which has switched a few times itself.
  expect_between(raged.storm, static_cast<double>(totals.voluntary), static_cast<double>(totals.involuntary), 100,
                 last);
  EXPECT_EQ(raged.sample.loss.unseeded, 0U);
  return raged;
}

TEST(Limits, WithoutRoomForProcessesTheirSumsAreRight) {
  const Raged raged = rage([](Plan& plan) { plan.slots = 2; }, "at-once 300");
  EXPECT_EQ(raged.sample.processes_seen, 302U);
  EXPECT_EQ(raged.sample.loss.map_full, 301U); // there is one record that is not shared
  reached("processes in one record", 301);
}

TEST(Limits, WithoutRoomForThreadsTheUnseenAreCounted) {
  constexpr std::uint32_t kRecords = 100; // of which one stays empty
  const KernelFacts facts = read_kernel_facts("");
  const Raged raged = watch("at-once 300", make_plan(facts, {}), facts, RecordArray(kRecords));
  EXPECT_EQ(raged.sample.threads_seen, kRecords - 1);
  EXPECT_EQ(raged.sample.loss.unseeded, 302 - raged.sample.threads_seen);
  EXPECT_LT(static_cast<double>(raged.sample.totals.voluntary), raged.storm.most.voluntary);
  EXPECT_LT(make_model(raged.sample).group.verdict.confidence, 0.99);
  reached("threads unseen", static_cast<double>(raged.sample.loss.unseeded));
}

TEST(Limits, RecordsOfEndedThreadsAreUsedAgain) {
  constexpr std::uint32_t kRecords = 2'000;
  const KernelFacts facts = read_kernel_facts("");
  const Raged raged = watch("forks 4000", make_plan(facts, {}), facts, RecordArray(kRecords));
  EXPECT_EQ(raged.sample.threads_seen, 4'002U);
  EXPECT_EQ(raged.sample.loss.unseeded, 0U);
}

TEST(Limits, WithoutRoomForMessagesOnlyDetailsAreMissing) {
  const Raged raged = rage([](Plan& plan) { plan.ring_bytes = kLeastRing; }, "threads 300");
  EXPECT_EQ(raged.sample.threads_seen, 302U);
  EXPECT_GT(raged.sample.loss.details_dropped, 200U);
  reached("threads without a line of their own", static_cast<double>(raged.sample.loss.details_dropped));
}

TEST(Limits, WithoutRoomForPlacesTheRestIsCounted) {
  const Raged raged = rage([](Plan& plan) { plan.sites = 1; }, "at-once 300");
  EXPECT_GT(raged.sample.loss.sites_full, 0U);
  EXPECT_EQ(waits_at_places(raged.sample) + raged.sample.loss.sites_full, waits_of(raged.sample.totals));
  reached("waits without a place", static_cast<double>(raged.sample.loss.sites_full));
}

TEST(Limits, WithoutRoomForAnythingSumsAreRight) {
  const auto least = [](Plan& plan) {
    plan.slots = 1;
    plan.sites = 1;
    plan.requests = 1;
    plan.ring_bytes = kLeastRing;
  };
  for (const char* storm : {"forks 500", "execs 100", "chain 100", "at-once 300", "threads 300"}) {
    const Raged raged = rage(least, storm, storm == std::string("chain 100") ? 50 : 0);
    EXPECT_EQ(raged.sample.loss.map_full, raged.sample.processes_seen) << storm;
    EXPECT_EQ(raged.sample.processes.size(), 1U) << storm;
    EXPECT_EQ(waits_at_places(raged.sample) + raged.sample.loss.sites_full, waits_of(raged.sample.totals)) << storm;
  }
}

TEST(Limits, WithoutRoomForRequestsTheRestIsCounted) {
  const KernelFacts facts = read_kernel_facts("");
  Plan plan = make_plan(facts, {});
  plan.requests = 1;
  const std::string reader = "for i in $(seq 24); do " + kWorkloads + "file_io direct 600 & done; ";
  Child readers({"sh", "-c", reader + "echo ready; wait"});
  readers.read_line();
  Tracer tracer(plan, facts, "", false);
  EXPECT_EQ(tracer.seed({readers.id()}), 25U);
  Sample sample = tracer.read();
  for (int tries = 0; tries < 1'000 && sample.loss.requests_full == 0; ++tries) {
    usleep(10'000);
    sample = tracer.read();
  }
  EXPECT_GT(sample.loss.requests_full, 0U);
  expect_invariants(sample);
  reached("requests without a record", static_cast<double>(sample.loss.requests_full));
}

// A program at a tracepoint that prints, which is itself a tracepoint.
Fd load_printer(const char* tracepoint) {
  const bpf_insn code[] = {
      {BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, '!'}, // "!\0"
      {BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0}, {BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, -8},
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 2},          {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_trace_printk},
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},          {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  bpf_prog_load_opts options{};
  options.sz = sizeof(options);
  options.expected_attach_type = BPF_TRACE_RAW_TP;
  options.attach_btf_id = static_cast<__u32>(libbpf_find_vmlinux_btf_id(tracepoint, BPF_TRACE_RAW_TP));
  return Fd(bpf_prog_load(BPF_PROG_TYPE_TRACING, "ctxray_test", "GPL", code, std::size(code), &options));
}

// Ours cannot be made to interrupt themselves at will; this one does.
TEST(Limits, RunsThatTheKernelRefusesAreCounted) {
  const Fd first = load_printer("task_rename"), nested = load_printer("bpf_trace_printk");
  ASSERT_TRUE(first && nested) << std::strerror(errno);
  const Fd first_link(bpf_raw_tracepoint_open(nullptr, first.get()));
  const Fd nested_link(bpf_raw_tracepoint_open(nullptr, nested.get()));
  ASSERT_TRUE(first_link && nested_link) << std::strerror(errno);
  const std::uint64_t before = recursion_misses({first.get(), nested.get()});
  constexpr std::uint64_t kTimes = 10;
  for (std::uint64_t i = 0; i < kTimes; ++i) prctl(PR_SET_NAME, "root-tests");
  EXPECT_GE(recursion_misses({first.get(), nested.get()}), before + kTimes);
}

// A cgroup whose memory can be cut off: of the first version, or of the second where it has the controller.
class MemoryGroup {
 public:
  MemoryGroup() {
    const fs::path root = "/sys/fs/cgroup", first = root / "memory";
    v1_ = fs::exists(first / "memory.limit_in_bytes") || fs::exists(first / "memory.usage_in_bytes");
    parent_ = v1_ ? first : root;
    if (!v1_) std::ofstream(parent_ / "cgroup.subtree_control") << "+memory" << std::endl;
    group_ = parent_ / ("ctxray-test-" + std::to_string(getpid()));
    fs::create_directory(group_);
  }
  ~MemoryGroup() {
    std::error_code error;
    for (int tries = 0; tries < 500 && !fs::remove(group_, error); ++tries) usleep(10'000);
  }
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  [[nodiscard]] bool exists() const { return fs::exists(group_ / usage()); }
  [[nodiscard]] std::string members() const { return group_ / "cgroup.procs"; }
  void limit(const std::string& bytes) const {
    std::ofstream(group_ / (v1_ ? "memory.limit_in_bytes" : "memory.max")) << bytes << std::endl;
  }

 private:
  [[nodiscard]] const char* usage() const { return v1_ ? "memory.usage_in_bytes" : "memory.current"; }

  bool v1_ = false;
  fs::path parent_, group_;
};

TEST(Limits, WithoutMemoryToBeginItEndsAndHarmsNobody) {
  Child target({kWorkloads + "sleepers", "1"});
  target.read_line();
  const MemoryGroup group;
  ASSERT_TRUE(group.exists());
  const std::string attach = kCtxray + " attach -d 0.05 -p " + std::to_string(target.pid());
  for (const char* bytes : {"4096", "1048576", "4194304", "16777216"}) {
    group.limit(bytes);
    run_command({"sh", "-c", "sh -c 'echo $$ >" + group.members() + "; exec " + attach + "'"});
    EXPECT_TRUE(target.alive());
  }
  for (const char* kilobytes : {"4000", "20000", "40000", "80000"}) { // of address space
    const Finished finished = run_command({"sh", "-c", "ulimit -v " + std::string(kilobytes) + "; exec " + attach});
    EXPECT_NE(finished.status, 128 + SIGSEGV) << kilobytes;
    EXPECT_NE(finished.status, 128 + SIGABRT) << kilobytes;
    EXPECT_TRUE(finished.status == 0 || !finished.err.empty()) << kilobytes;
    EXPECT_TRUE(target.alive());
  }
  EXPECT_EQ(run_command({"sh", "-c", attach}).status, 0);
}

} // namespace
} // namespace ctxray
