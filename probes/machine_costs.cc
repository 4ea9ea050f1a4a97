// SPDX-License-Identifier: GPL-2.0-or-later
// Plays games in short blocks, all by turns, and takes the lowest tenth of each one's blocks: what else runs on the
// machine only ever makes a block slower.
#include "probes/machine_costs.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <exception>
#include <list>
#include <string>
#include <vector>

#include "probes/clock.h"
#include "probes/cost_games.h"
#include "probes/fd.h"
#include "userspace/error.h"

namespace ctxray {

namespace {

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) throw Error("cannot ask for the CPUs that are allowed", errno);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

// A process of its own for a game, so that no game's threads and files weigh on another's calls.
class Player {
 public:
  using MakeGame = std::function<Rounds()>;

  Player(int cpu, const MakeGame& make_game) {
    pid_ = fork();
    if (pid_ < 0) throw Error("cannot fork", errno);
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    orders_.write_end.reset();
    try {
      stay_on(cpu);
      serve(make_game());
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(0);
  }
  ~Player() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  std::uint64_t play_ns(long rounds) {
    std::uint64_t ns = 0;
    if (write(orders_.write_end.get(), &rounds, sizeof(rounds)) != sizeof(rounds) ||
        read(answers_.read_end.get(), &ns, sizeof(ns)) != sizeof(ns))
      throw Error("a process that measures has ended");
    return ns;
  }

 private:
  void serve(const Rounds& game) {
    answers_.read_end.reset();
    for (long rounds = 0; read(orders_.read_end.get(), &rounds, sizeof(rounds)) == sizeof(rounds);) {
      game(1); // its memory is in the caches again
      const std::uint64_t begin = clock_ns(CLOCK_MONOTONIC);
      game(rounds);
      const std::uint64_t ns = clock_ns(CLOCK_MONOTONIC) - begin;
      if (write(answers_.write_end.get(), &ns, sizeof(ns)) != sizeof(ns)) return;
    }
  }

  Pipe orders_;
  Pipe answers_;
  pid_t pid_ = -1;
};

// One thing that is measured: so many rounds a block, of so many units each.
struct Trial {
  std::string id;
  std::string what; // empty: measured for others only
  long rounds;
  double units;
  Player::MakeGame make_game;
  std::string without = {};    // id of the trial whose time is not part of it
  std::vector<double> ns = {}; // of a unit, by block
};

std::vector<Trial> trials(const std::vector<int>& cpus) {
  constexpr std::size_t kSmall = std::size_t{32} << 10, kLarge = std::size_t{1} << 20;
  constexpr PartnerKind kThread = PartnerKind::kThread, kProcess = PartnerKind::kProcess;
  const int here = cpus[0];
  std::vector<Trial> list = {
      {"syscall", "system call that does nothing", 4'000, 1, system_calls},
      {"page_fault", "page fault on new memory", 200, 1, page_faults},
      {"coroutine_switch", "switch of a C++ coroutine", 50'000, 2, coroutine_switches},
      {"context_switch", "switch of a coroutine with a stack (swapcontext)", 2'000, 2, context_switches},
      {"alone_thread", "", 400, 2, [] { return ping_pong_alone(kThread); }},
      {"alone", "", 400, 2, [] { return ping_pong_alone(kProcess); }},
      {"alone_32k", "", 300, 2, [] { return ping_pong_alone(kProcess, kSmall); }},
      {"alone_1m", "", 6, 2, [] { return ping_pong_alone(kProcess, kLarge); }},
      {"thread_switch", "switch between threads of a process", 400, 2, [=] { return ping_pong(kThread, here); },
       "alone_thread"},
      {"process_switch", "switch between processes", 400, 2, [=] { return ping_pong(kProcess, here); }, "alone"},
      {"process_switch_32k", "the same, each using 32 KiB: with what their caches lose", 200, 2,
       [=] { return ping_pong(kProcess, here, kSmall); }, "alone_32k"},
      {"process_switch_1m", "the same, each using 1 MiB", 6, 2, [=] { return ping_pong(kProcess, here, kLarge); },
       "alone_1m"},
      {"pipe_hand_over", "hand-over through a pipe, on one CPU: calls and switch", 400, 2,
       [=] { return ping_pong(kProcess, here); }}};
  if (cpus.size() < 2) return list;
  list.push_back({"pipe_wakeup", "wakeup on another CPU through a pipe, until it runs", 50, 2,
                  [=] { return ping_pong(kThread, cpus[1]); }});
  list.push_back({"futex_wakeup", "wakeup on another CPU through a futex, until it runs", 50, 2,
                  [=] { return futex_ping_pong(cpus[1]); }});
  return list;
}

} // namespace

MachineCosts measure_costs() {
  constexpr int kBlocks = 300;
  constexpr double kQuantile = 0.1;
  const std::vector<int> cpus = allowed_cpus();
  std::vector<Trial> list = trials(cpus);
  std::list<Player> players;
  for (const Trial& trial : list) players.emplace_back(cpus.at(0), trial.make_game).play_ns(trial.rounds); // warm
  for (int block = 0; block < kBlocks; ++block) {
    auto player = players.begin();
    for (Trial& trial : list)
      trial.ns.push_back(static_cast<double>((player++)->play_ns(trial.rounds)) /
                         (static_cast<double>(trial.rounds) * trial.units));
  }
  MachineCosts costs;
  for (const Trial& trial : list) {
    if (trial.what.empty()) continue;
    double without = 0;
    for (const Trial& other : list)
      if (!trial.without.empty() && other.id == trial.without) without = quantile(other.ns, kQuantile);
    const double ns = quantile(trial.ns, kQuantile), middle = quantile(trial.ns, 0.5);
    costs.push_back({trial.id, trial.what, std::max(0.0, ns - without), (middle - ns) / std::max(ns, 1.0)});
  }
  return costs;
}

} // namespace ctxray
