// SPDX-License-Identifier: GPL-2.0-or-later
// The rules. Each looks at the case and adds its advice, or none.
#include "userspace/advice.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "userspace/describe.h"
#include "userspace/detail.h"
#include "userspace/format.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

constexpr double kWorthDoing = 1.05;     // smaller gains are not spoken of
constexpr double kSwitchNs = 2'000;      // nominal cost of a switch, with the caches that it cools
constexpr double kCallNs = 300;          // nominal cost of entering and leaving the kernel
constexpr double kSmallTransfer = 4'096; // bytes
constexpr double kManyPerSecond = 10'000;
constexpr std::uint64_t kManyThreads = 16;
constexpr double kCompeting = 0.1; // starved share from which others compete for its CPUs

using Finding = std::optional<Advice>;

double seconds(const Case& facts) { return static_cast<double>(facts.evidence.wall.elapsed_ns) / 1e9; }

double per_second(const Case& facts, std::uint64_t count) {
  return seconds(facts) <= 0 ? 0 : static_cast<double>(count) / seconds(facts);
}

bool is(const Case& facts, VerdictClass verdict_class) {
  return facts.verdict.verdict_class == verdict_class ||
         (facts.verdict.verdict_class == VerdictClass::kMixed && verdict_class != VerdictClass::kIdle);
}

bool does(const Case& facts, IoStyle style, double share) {
  return std::any_of(facts.io_model.parts.begin(), facts.io_model.parts.end(),
                     [&](const IoModel::Part& part) { return part.style == style && part.share >= share; });
}

// The place where most time was spent of those that this holds for.
template <typename Predicate>
const SiteSample* longest_site(const Case& facts, Predicate wanted) {
  const SiteSample* longest = nullptr;
  for (const SiteSample& site : facts.sites)
    if (wanted(site) && (longest == nullptr || site.total_ns > longest->total_ns)) longest = &site;
  return longest;
}

std::string place(const SiteSample* site) {
  if (site == nullptr) return "";
  return fmt::format("; most of it in {}: {} waits, {}", describe_place(*site), site->count,
                     format_duration(site->total_ns));
}

bool is_io(const SiteSample& site) { return wall_class(site.reason) == WallClass::kIo; }
bool is_event(const SiteSample& site) { return wall_class(site.reason) == WallClass::kEvent; }
bool is_lock(const SiteSample& site) { return wall_class(site.reason) == WallClass::kLock; }

// Part of a run without which it is shorter, as so many times faster.
double gain(double part) { return part >= 0.999 ? kMostSpeedup : 1 / (1 - std::max(0.0, part)); }

Finding use_more_cpus(const Case& facts) {
  const Evidence& evidence = facts.evidence;
  const bool untold = takes_turns_untold(evidence);
  // It would not find those CPUs free; but who takes turns should know in any case.
  if (shares_of(evidence).starved >= kCompeting && !untold) return std::nullopt;
  if ((facts.verdict.verdict_class != VerdictClass::kCpuBound && !untold) || evidence.cpus < 2 ||
      facts.bounds.all_cpus < 1.2)
    return std::nullopt;
  if (takes_turns_under_gil(evidence))
    return Advice{
        fmt::format("use up to {:.3g} processes instead of threads, or native code that releases the GIL",
                    evidence.cpus),
        fmt::format("{} threads had work, but ran one at a time: they waited for the GIL for {} of their time",
                    evidence.busy_threads,
                    format_percent(ratio(evidence.totals.wait(Reason::kGil).total_ns, evidence.totals.lifetime_ns))),
        facts.bounds.all_cpus};
  if (takes_turns(evidence))
    return Advice{
        "let its threads run at once: they wait for one another, for a lock (such as a monitor), a queue or an answer",
        fmt::format("{} threads had work, but for {} of the time just one ran while {:.3g} CPUs were allowed",
                    evidence.busy_threads, format_percent(ratio(evidence.wall.running_ns[0], evidence.wall.elapsed_ns)),
                    evidence.cpus),
        facts.bounds.all_cpus};
  const double alone =
      evidence.wall.running_ns.empty() ? 0 : ratio(evidence.wall.running_ns[0], evidence.wall.elapsed_ns);
  return Advice{fmt::format("split the work over up to {:.3g} threads or processes", evidence.cpus),
                fmt::format("one thread ran alone for {} of the time while {:.3g} CPUs were allowed",
                            format_percent(alone), evidence.cpus),
                facts.bounds.all_cpus};
}

Finding use_fewer_threads(const Case& facts) {
  const Evidence& evidence = facts.evidence;
  const Totals& totals = evidence.totals;
  const double elapsed = static_cast<double>(std::max<std::uint64_t>(evidence.wall.elapsed_ns, 1));
  const double running = static_cast<double>(totals.on_cpu_ns) / elapsed;
  const double wanted = static_cast<double>(totals.on_cpu_ns + totals.run_queue_ns) / elapsed;
  if (facts.verdict.verdict_class != VerdictClass::kCpuBound || running < 0.8 * evidence.cpus ||
      wanted < 1.5 * evidence.cpus)
    return std::nullopt;
  const double switching = static_cast<double>(totals.involuntary) * kSwitchNs / static_cast<double>(totals.on_cpu_ns);
  return Advice{
      fmt::format("use no more threads than the {:.3g} CPUs", evidence.cpus),
      fmt::format("{:.1f} threads on average wanted a CPU; {} involuntary switches cost about {} of the CPU time",
                  wanted, format_count(static_cast<double>(totals.involuntary)), format_percent(switching)),
      gain(std::min(switching, 0.9))};
}

Finding get_cpus(const Case& facts) {
  const bool competes = is(facts, VerdictClass::kStarved) ||
                        (is(facts, VerdictClass::kCpuBound) && shares_of(facts.evidence).starved >= kCompeting);
  if (!competes || facts.bounds.enough_cpus < kWorthDoing) return std::nullopt;
  const Totals& totals = facts.evidence.totals;
  return Advice{"give it CPUs: move or slow down what competes with it, or lift its affinity or quota",
                fmt::format("its threads waited {} in the run queue for {} on a CPU",
                            format_duration(totals.run_queue_ns), format_duration(totals.on_cpu_ns)),
                facts.bounds.enough_cpus};
}

Finding multiplex(const Case& facts) {
  if (!is(facts, VerdictClass::kIoBound) || facts.threads < kManyThreads || !does(facts, IoStyle::kBlocking, 0.5))
    return std::nullopt;
  const Totals& totals = facts.evidence.totals;
  const double switching = static_cast<double>(totals.voluntary) * kSwitchNs /
                           static_cast<double>(std::max<std::uint64_t>(totals.on_cpu_ns, 1));
  return Advice{"let few threads wait for many files at once: epoll, io_uring or coroutines",
                fmt::format("{} threads block one at a time in I/O calls, on a CPU for {} of their lifetime",
                            facts.threads, format_percent(ratio(totals.on_cpu_ns, totals.lifetime_ns))),
                gain(std::min(0.5, switching))};
}

Finding stop_polling(const Case& facts) {
  if (!does(facts, IoStyle::kPolling, 0.3)) return std::nullopt;
  const Calls& calls = facts.evidence.totals.calls;
  const std::uint64_t empty = calls.would_block + calls.multiplex_empty;
  const double part = ratio(empty, empty + calls.moved());
  return Advice{"wait with epoll or poll until there is something to do",
                fmt::format("{} of {} I/O calls found nothing (EAGAIN), and cost {} of CPU time", format_percent(part),
                            format_count(static_cast<double>(empty + calls.moved())),
                            format_duration(facts.evidence.totals.on_cpu_ns)),
                gain(std::min(0.99, part * ratio(facts.evidence.totals.on_cpu_ns, facts.evidence.wall.elapsed_ns)))};
}

Finding batch_calls(const Case& facts) {
  const Calls& calls = facts.evidence.totals.calls;
  const std::uint64_t moved = calls.moved();
  std::uint64_t bytes = 0;
  for (const std::uint64_t some : calls.bytes) bytes += some;
  const double cost = per_second(facts, moved) * kCallNs / 1e9;
  if (per_second(facts, moved) < kManyPerSecond ||
      static_cast<double>(bytes) > kSmallTransfer * static_cast<double>(moved) ||
      gain(std::min(0.9, cost)) < kWorthDoing)
    return std::nullopt;
  return Advice{
      "move more with each call: larger buffers, vectored calls or io_uring",
      fmt::format("{} I/O calls a second moved {:.0f} bytes each on average", format_count(per_second(facts, moved)),
                  static_cast<double>(bytes) / static_cast<double>(moved)),
      gain(std::min(0.9, cost))};
}

Finding overlap_io(const Case& facts) {
  if (!is(facts, VerdictClass::kIoBound) || facts.bounds.instant_io < kWorthDoing) return std::nullopt;
  const bool multiplexed = io_manner(facts.evidence) == IoManner::kMultiplexed;
  const SiteSample* site = longest_site(facts, multiplexed ? is_event : is_io);
  const double depth = io_depth(facts.evidence);
  const std::string because =
      fmt::format("waiting for I/O took {} of the time, {:.1f} waits at once{}",
                  format_percent(1 - 1 / facts.bounds.instant_io), std::max(1.0, depth), place(site));
  if (site != nullptr && site->reason == Reason::kPageFault)
    return Advice{"read ahead: madvise(MADV_WILLNEED), MAP_POPULATE or larger sequential reads", because,
                  facts.bounds.instant_io};
  if (site != nullptr && site->syscall && call_name(*site->syscall).find("sync") != std::string::npos)
    return Advice{"make many changes durable with one flush: group commits, or fsync less often", because,
                  facts.bounds.instant_io};
  if (io_manner(facts.evidence) == IoManner::kOneAtATime)
    return Advice{"keep several requests in flight (io_uring, more threads, prefetching), or work while it waits",
                  because, facts.bounds.instant_io};
  return Advice{"ask for less, in larger pieces, or use a faster device or peer: its I/O overlaps already", because,
                facts.bounds.instant_io};
}

Finding shorten_locks(const Case& facts) {
  if (facts.bounds.no_lock < kWorthDoing || lock_pressure(facts.evidence.totals) < 0.1) return std::nullopt;
  return Advice{"shard the lock, or hold it for less",
                fmt::format("threads waited for locks for {} of the time in which they could have gone on{}",
                            format_percent(lock_pressure(facts.evidence.totals)), place(longest_site(facts, is_lock))),
                facts.bounds.no_lock};
}

Finding switch_less(const Case& facts) {
  const Totals& totals = facts.evidence.totals;
  const std::uint64_t switches = totals.voluntary + totals.involuntary;
  const double part =
      static_cast<double>(switches) * kSwitchNs / static_cast<double>(std::max<std::uint64_t>(totals.on_cpu_ns, 1));
  const double handover = shares_of(facts.evidence).handover;
  if ((part < 0.2 || per_second(facts, switches) < kManyPerSecond) && handover < Thresholds{}.handing_over)
    return std::nullopt;
  return Advice{
      "hand over more work at a time: fewer, larger messages",
      fmt::format("{} switches a second, a switch for each {} on a CPU; handing over took {} of the time",
                  format_count(per_second(facts, switches)),
                  format_duration(totals.on_cpu_ns / std::max<std::uint64_t>(switches, 1)), format_percent(handover)),
      gain(handover + std::min(0.5, part) * ratio(totals.on_cpu_ns, facts.evidence.wall.elapsed_ns))};
}

Advice leave_as_it_is(const Case& facts) {
  if (facts.verdict.verdict_class == VerdictClass::kIdle)
    return {"nothing to change: it has nothing to do",
            fmt::format("{}; on a CPU for {} of the time", facts.verdict.detail,
                        format_percent(ratio(facts.evidence.wall.cpu_ns(), facts.evidence.wall.elapsed_ns))),
            1};
  if (facts.verdict.verdict_class == VerdictClass::kUnsure)
    return {"look for longer", fmt::format("only {} was seen", format_duration(facts.evidence.wall.elapsed_ns)), 1};
  const double running = static_cast<double>(facts.evidence.totals.on_cpu_ns) /
                         static_cast<double>(std::max<std::uint64_t>(facts.evidence.wall.elapsed_ns, 1));
  return {"nothing to change in how it runs: only less work or faster code would help",
          fmt::format("it used {:.1f} of {:.3g} CPUs", running, facts.evidence.cpus), 1};
}

} // namespace

std::vector<Advice> advise(const Case& facts) {
  constexpr Finding (*kRules[])(const Case&) = {use_more_cpus, use_fewer_threads, get_cpus,
                                                multiplex,     stop_polling,      batch_calls,
                                                overlap_io,    shorten_locks,     switch_less};
  std::vector<Advice> advice;
  if (facts.verdict.verdict_class != VerdictClass::kUnsure)
    for (const auto rule : kRules)
      if (Finding finding = rule(facts)) advice.push_back(std::move(*finding));
  std::stable_sort(advice.begin(), advice.end(),
                   [](const Advice& a, const Advice& b) { return a.gain_max > b.gain_max; });
  if (advice.empty()) advice.push_back(leave_as_it_is(facts));
  return advice;
}

} // namespace ctxray
