// SPDX-License-Identifier: GPL-2.0-or-later
// Memory stays flat however many processes come and go. CTXRAY_LIFETIMES says how many: 20000 if it does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <sstream>

#include "tests/root/terminal.h"

namespace ctxray {
namespace {

constexpr int kQuarters = 4;

long lifetimes() {
  const char* wanted = std::getenv("CTXRAY_LIFETIMES");
  return wanted == nullptr ? 20'000 : std::strtol(wanted, nullptr, 10);
}

// Nobody reads the lines of the intervals: they must not fill a pipe.
std::string interval() { return lifetimes() > 100'000 ? "1" : "0.1"; }

// Of the process's own: what is mapped of the kernel side's records is bounded by their maps.
long own_memory_kib(pid_t pid) {
  std::istringstream status(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string key; status >> key;) {
    long kib = 0;
    if (key == "RssAnon:" && status >> kib) return kib;
  }
  return 0;
}

// A target whose children come and go.
class Crowd {
 public:
  Crowd() : child_({kWorkloads + "lifetimes", std::to_string(lifetimes() / kQuarters)}) { child_.read_line(); }

  [[nodiscard]] std::string pid() const { return std::to_string(child_.pid()); }
  void live_a_quarter() {
    child_.send(SIGUSR1);
    EXPECT_EQ(child_.read_line(), "done");
  }

 private:
  Child child_;
};

// The first quarter fills what is remembered of ended processes and of the last minutes, which is bounded. A leak grows
// in each of the others; a buffer that grows for a crowd does so once.
void expect_flat(Crowd& crowd, pid_t watcher) {
  constexpr long kNoiseKib = 256, kBuffersKib = 4096;
  long first = 0, last = 0, least_growth = std::numeric_limits<long>::max();
  for (int quarter = 0; quarter < kQuarters; ++quarter) {
    crowd.live_a_quarter();
    const long now = own_memory_kib(watcher);
    ASSERT_GT(now, 0);
    if (quarter == 0)
      first = now;
    else
      least_growth = std::min(least_growth, now - last);
    last = now;
    std::cout << last << " KiB after " << lifetimes() * (quarter + 1) / kQuarters << " lifetimes\n";
  }
  EXPECT_LT(least_growth, kNoiseKib);
  EXPECT_LT(last, first + kBuffersKib);
}

TEST(Soak, TheMemoryOfAWatchStaysFlat) {
  Crowd crowd;
  const TempFile json;
  Child ctxray({kCtxray, "attach", "-p", crowd.pid(), "--interval", interval(), "--json", json.path()});
  ctxray.read_line(); // of an interval: it watches
  expect_flat(crowd, ctxray.pid());
  ctxray.send(SIGINT);
  EXPECT_EQ(ctxray.wait(), 0);
  const Json report = Json::parse(json.text(), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_EQ(report["target"]["processes_seen"], lifetimes() / kQuarters * kQuarters + 1);
  expect_invariants(report);
}

TEST(Soak, ThatOfTheLiveViewToo) {
  Crowd crowd;
  const Terminal terminal(kCtxray + " top -p " + crowd.pid() + " --interval " + interval(), 120, 40);
  EXPECT_TRUE(terminal.shows("lifetimes")) << terminal.screen();
  expect_flat(crowd, terminal.pid_of("ctxray"));
  terminal.press("q");
  EXPECT_TRUE(terminal.shows("[status 0]")) << terminal.screen();
}

} // namespace
} // namespace ctxray
