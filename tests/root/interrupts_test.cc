// SPDX-License-Identifier: GPL-2.0-or-later
// Interrupts against /proc/interrupts and /proc/softirqs, by sandwich.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <thread>

#include "probes/fd.h"
#include "probes/kernel_facts.h"
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

InterruptSample find(const std::vector<InterruptSample>& interrupts, const std::string& name) {
  for (const InterruptSample& interrupt : interrupts)
    if (interrupt.name == name) return interrupt;
  return {};
}

Fd datagram_socket(sockaddr_in& address) {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(socket.get(), any, size), 0);
  EXPECT_EQ(getsockname(socket.get(), any, &size), 0);
  return socket;
}

// Each datagram to oneself is received in a soft interrupt of its own, within the call that sends it.
void send_to_oneself(int datagrams) {
  sockaddr_in address{};
  const Fd socket = datagram_socket(address);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  for (int i = 0; i < datagrams; ++i)
    sendto(socket.get(), "", 1, MSG_DONTWAIT, any, sizeof(address)); // most find its queue full
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
      return find(pairs[i].soft ? *sample.soft : *sample.hard, pairs[i].name).count;
    };
    const std::uint64_t ours = count(last) - count(first);
    EXPECT_LE(ours, after_last[i] - before_first[i]) << pairs[i].name;
    // Kernels can hide interrupts that hit certain tasks; this one hides those of its supervisor.
    EXPECT_GE(static_cast<double>(ours), 0.9 * static_cast<double>(before_last[i] - after_first[i])) << pairs[i].name;
  }
}

TEST(Interrupts, FrequentOnesAreAllCountedAndSomeMeasured) {
  constexpr int kMany = 200'000;
  Tracer tracer = make_tracer();
  tracer.seed({static_cast<std::uint32_t>(getpid())});
  const std::uint64_t before_first = proc_count("/proc/softirqs", "NET_RX:");
  const Sample first = tracer.read();
  send_to_oneself(kMany);
  const std::uint64_t before_last = proc_count("/proc/softirqs", "NET_RX:");
  const Sample last = tracer.read();
  const std::uint64_t after_last = proc_count("/proc/softirqs", "NET_RX:");
  const InterruptSample old = find(*first.soft, "NET_RX"), now = find(*last.soft, "NET_RX");
  EXPECT_LE(now.count - old.count, after_last - before_first);
  EXPECT_GE(static_cast<double>(now.count - old.count), 0.9 * kMany);
  EXPECT_GE(before_last - before_first, static_cast<std::uint64_t>(kMany));
  const std::uint64_t timed = now.timed - old.timed, ns = now.total_ns - old.total_ns;
  EXPECT_LT(timed, (now.count - old.count) / 2);
  const std::uint64_t most_left = std::uint64_t{2} * last.cpus_online; // since the last that was measured on each CPU
  EXPECT_GE(7 * (timed + most_left), now.count - old.count);
  EXPECT_GT(ns, 0U);
  EXPECT_LT(ns, (last.now_ns - first.now_ns) * last.cpus_online);
  const Totals& totals = last.processes.at(0).totals;
  EXPECT_GT(totals.soft_count, static_cast<std::uint64_t>(kMany) / 2);
  EXPECT_LT(totals.soft_ns, totals.on_cpu_ns);
}

// The ends of a connection of datagrams, each of which wakes who waits for it in a soft interrupt.
void serve(int socket, int turns) {
  char ball = 0;
  for (int i = 0; i < turns; ++i) {
    ASSERT_EQ(send(socket, &ball, 1, 0), 1);
    ASSERT_EQ(recv(socket, &ball, 1, 0), 1);
  }
}

void give_back(int socket, int turns) {
  char ball = 0;
  for (int i = 0; i < turns; ++i) {
    ASSERT_EQ(recv(socket, &ball, 1, 0), 1);
    ASSERT_EQ(send(socket, &ball, 1, 0), 1);
  }
}

void play_ping_pong(int turns) {
  sockaddr_in of_one{}, of_other{};
  const Fd one = datagram_socket(of_one), other = datagram_socket(of_other);
  ASSERT_EQ(connect(one.get(), reinterpret_cast<sockaddr*>(&of_other), sizeof(of_other)), 0);
  ASSERT_EQ(connect(other.get(), reinterpret_cast<sockaddr*>(&of_one), sizeof(of_one)), 0);
  std::thread partner([&] { give_back(other.get(), turns); });
  serve(one.get(), turns);
  partner.join();
}

// Real-time kernels do not say who serves a soft interrupt, and reading the counters takes bpf_rdonly_cast.
bool may_leave() {
#if defined(__x86_64__)
  return !std::filesystem::exists("/sys/kernel/realtime") && read_kernel_facts("").has("function:bpf_rdonly_cast");
#else
  return false;
#endif
}

TEST(Interrupts, OfAFloodAreCountedWhileTheirProbeIsAway) {
  constexpr int kSent = 2'000, kBatch = 25 * kSent, kMostBatches = 100, kTurns = 2'000;
  Tracer tracer = make_tracer();
  tracer.seed({static_cast<std::uint32_t>(getpid())});
  const std::uint64_t before_first = proc_count("/proc/softirqs", "NET_RX:");
  const Sample first = tracer.read();
  const InterruptSample old = find(*first.soft, "NET_RX");
  InterruptSample now;
  int batches = 0;
  do { // until most have come while nobody saw them
    for (int sent = 0; sent < kBatch; sent += kSent) {
      send_to_oneself(kSent);
      tracer.drain(); // slices end when they should
    }
    now = find(*tracer.read().soft, "NET_RX");
  } while (20 * (now.timed - old.timed) > now.count - old.count && ++batches < kMostBatches);
  EXPECT_EQ(batches < kMostBatches, may_leave());
  play_ping_pong(kTurns);
  const std::uint64_t before_last = proc_count("/proc/softirqs", "NET_RX:");
  const Sample last = tracer.read();
  const std::uint64_t after_last = proc_count("/proc/softirqs", "NET_RX:");
  now = find(*last.soft, "NET_RX");
  EXPECT_LE(now.count - old.count, after_last - before_first);
  EXPECT_GE(now.count - old.count + before_first, before_last);
  EXPECT_LT(now.total_ns - old.total_ns, (last.now_ns - first.now_ns) * last.cpus_online);

  const ProcessSample& own = last.processes.at(0);
  EXPECT_GT(own.totals.soft_count, static_cast<std::uint64_t>(kBatch) * static_cast<std::uint64_t>(batches));
  std::uint64_t all = 0;
  for (const InterruptSample& vector : *last.soft) all += vector.count;
  EXPECT_LE(own.totals.soft_count, all);
  EXPECT_GT(own.totals.soft_ns, 0U);
  EXPECT_LT(own.totals.soft_ns, own.totals.on_cpu_ns);
  std::array<std::uint64_t, kWakers> ended_by{};
  for (const SiteSample& site : own.sites)
    for (std::size_t waker = 0; waker < kWakers && site.reason == Reason::kNetwork; ++waker)
      ended_by[waker] += site.ended_by[waker];
  EXPECT_GE(ended_by[static_cast<std::size_t>(Waker::kSoftInterrupt)], static_cast<std::uint64_t>(kTurns));
  EXPECT_EQ(ended_by[static_cast<std::size_t>(Waker::kTask)], 0U);
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
