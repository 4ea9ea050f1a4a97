// SPDX-License-Identifier: GPL-2.0-or-later
// The table of runtimes, and what is said of coroutine switches.
#include "userspace/coroutines.h"

#include <gtest/gtest.h>

#include <set>

#include "probes/coroutine_runtimes.h"
#include "tests/unit/samples.h"
#include "userspace/error.h"

namespace ctxray {
namespace {

const CoroutineRuntime& runtime(const std::string& name) {
  for (const CoroutineRuntime& one : coroutine_runtimes())
    if (one.name == name) return one;
  throw Error("no runtime " + name);
}

TEST(Coroutines, EveryRuntimeHasANameAndAFunctionToLookFor) {
  std::set<std::string> names;
  for (const CoroutineRuntime& one : coroutine_runtimes()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_FALSE(one.symbols.empty()) << one.name;
    EXPECT_TRUE(one.in_program || !one.files.empty()) << one.name;
    EXPECT_LT(one.caller.size(), 16U) << one.name;
  }
}

TEST(Coroutines, FilesThatMayHoldTheFunction) {
  EXPECT_TRUE(may_hold(runtime("asyncio"), "/usr/lib/libpython3.11.so.1.0", false));
  EXPECT_TRUE(may_hold(runtime("asyncio"), "/usr/bin/python3.11", true));
  EXPECT_FALSE(may_hold(runtime("asyncio"), "/usr/lib/libc.so.6", false));
  EXPECT_TRUE(may_hold(runtime("swapcontext"), "/usr/lib/libc.so.6", false));
  EXPECT_TRUE(may_hold(runtime("goroutines"), "/opt/service", true));
  EXPECT_FALSE(may_hold(runtime("goroutines"), "/opt/service.so", false));
}

TEST(Coroutines, ARuntimeOfTheUsersOwn) {
  const CustomRuntime fibers = parse_custom_runtime("/opt/lib:x/libfibers.so:switch_fiber");
  EXPECT_EQ(fibers.binary, "/opt/lib:x/libfibers.so");
  EXPECT_EQ(fibers.symbol, "switch_fiber");
  EXPECT_EQ(parse_custom_runtime("server:ns::go").symbol, "ns::go");
  const CustomRuntime usdt = parse_custom_runtime("/opt/server:usdt:fibers:switch");
  EXPECT_EQ(usdt.binary, "/opt/server");
  EXPECT_EQ(usdt.provider, "fibers");
  EXPECT_EQ(usdt.symbol, "switch");
  for (const char* bad : {"", ":", "server:usdt:", "server:usdt:fibers", "server:usdt::switch",
                          "server:usdt:fibers:", "server", "server:", ":go", "/a:b/server"})
    EXPECT_THROW(parse_custom_runtime(bad), Error) << bad;
}

Sample sample_with_coroutines() {
  Sample sample = reading_sample();
  sample.coroutine_probing = CoroutineProbing{{"asyncio: PyIter_Send in /usr/bin/python3.11"}, {}, ""};
  sample.totals.voluntary = 400;
  sample.totals.involuntary = 100;
  sample.totals.calls.multiplex = 30;
  sample.totals.calls.multiplex_empty = 10;
  sample.totals.calls.multiplex_events = 50;
  for (ProcessSample& process : sample.processes) process.coroutines = {};
  sample.processes.resize(2);
  sample.processes[0].coroutines = {{{"asyncio", 1'500}}, 0, 20'000, 20'000'000, 3'000'000};
  sample.processes[1].coroutines = {{{"asyncio", 500}, {"greenlet", 500}}, 0, 30'000, 30'000'000, 2'000'000};
  return sample;
}

TEST(Coroutines, StandBesideTheKernelsSwitches) {
  const Sample sample = sample_with_coroutines();
  const Coroutines all = coroutines_of(sample);
  EXPECT_EQ(all.total(), 2'500U);
  EXPECT_EQ(all.loop_max_ns, 3'000'000U);
  EXPECT_DOUBLE_EQ(per_kernel_switch(all, sample.totals), 5);
  EXPECT_DOUBLE_EQ(events_per_wake(sample.totals), 2.5);
  EXPECT_DOUBLE_EQ(probing_cost(all, kSecond), 0.05);
}

TEST(Coroutines, Sentences) {
  const std::vector<std::string> sentences = coroutine_sentences(sample_with_coroutines());
  ASSERT_EQ(sentences.size(), 6U);
  EXPECT_EQ(sentences[0], "asyncio: 2000 switches (2000/s)");
  EXPECT_EQ(sentences[1], "greenlet: 500 switches (500/s)");
  EXPECT_EQ(sentences[2], "5 for each switch by the kernel");
  EXPECT_EQ(sentences[3], "event loop: away from its wait for at most 3.00 ms, 2.5 events a wake");
  EXPECT_EQ(sentences[5], "probes hit 50.0k times: 5.0% of a CPU by estimate, 1.00 us each");
  EXPECT_TRUE(coroutine_sentences(reading_sample()).empty());
}

TEST(Coroutines, WithoutARuntimeThatIsSaid) {
  Sample sample = reading_sample();
  sample.coroutine_probing = CoroutineProbing{{}, {"/opt/service"}, "runtime.execute"};
  const std::vector<std::string> sentences = coroutine_sentences(sample);
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_EQ(sentences[0], "no switch was seen");
  EXPECT_EQ(sentences[1].rfind("not in /opt/service, which may be stripped: runtime.execute;", 0), 0U);
}

} // namespace
} // namespace ctxray
