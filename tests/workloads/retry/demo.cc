// SPDX-License-Identifier: GPL-2.0-or-later
// Retries in each way under ctxray, prints one table of what each achieved and what ctxray saw, and what that means.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "tests/workloads/retry/measure.h"
#include "userspace/error.h"
#include "userspace/format.h"

namespace ctxray {
namespace {

double per_second(const RetryRun& run, double count) { return count / run.report["elapsed_ns"].get<double>() * 1e9; }
double per_answer(const RetryRun& run, double count) { return count / std::max(1U, run.answered); }

double switches(const RetryRun& run, const char* kind) { return run.report["switches"][kind]; }
double parallelism(const RetryRun& run) { return run.report["parallelism"]["average"]; }
double in_flight(const RetryRun& run) { return run.report["parallelism"]["in_flight_average"]; }
double attempts_per_answer(const RetryRun& run) { return per_answer(run, run.attempts); }
double cpu_per_answer_ns(const RetryRun& run) { return per_answer(run, run.report["time"]["on_cpu_ns"]); }

double requests_per_second(const RetryRun& run) {
  for (const Json& call : run.report["syscalls"])
    if (call["name"] == "sendto") return per_second(run, call["count"]);
  return 0;
}

double switches_per_answer(const RetryRun& run) {
  return per_answer(run, switches(run, "voluntary") + switches(run, "involuntary"));
}

// Part of the event waits that ended with a timeout; none: it did not wait for events.
std::optional<double> timeouts(const RetryRun& run) {
  for (const Json& wait : run.report["waits"])
    if (wait["reason"] == "event" && wait["for"].contains("timeout"))
      return wait["for"]["timeout"]["total_ns"].get<double>() / wait["total_ns"].get<double>();
  return std::nullopt;
}

std::string longest_wait(const RetryRun& run) {
  const Json& wait = run.report["waits"][0];
  const double share = wait["total_ns"].get<double>() / run.report["time"]["blocked_ns"].get<double>();
  return fmt::format("{} {}", wait["reason"].get<std::string>(), format_percent(share));
}

std::string text_of(const RetryRun& run, const char* group, const char* key) { return run.report[group][key]; }

std::string duration(double ns) { return format_duration(static_cast<std::uint64_t>(ns)); }

struct Row {
  const char* title;
  std::function<std::string(const RetryRun&)> cell; // none: a heading
};

template <typename Figure>
Row number(const char* title, int digits, Figure figure) {
  return {title, [=](const RetryRun& run) { return fmt::format("{:.{}f}", static_cast<double>(figure(run)), digits); }};
}

Row switch_rate(const char* title, const char* kind) {
  return number(title, 0, [=](const RetryRun& run) { return per_second(run, switches(run, kind)); });
}

Row threads_seen() {
  return {"  processes, threads", [](const RetryRun& run) {
            const Json& target = run.report["target"];
            return fmt::format("{}, {}", target["processes_seen"].get<int>(), target["threads_seen"].get<int>());
          }};
}

Row text(const char* title, const char* group, const char* key) {
  return {title, [=](const RetryRun& run) { return text_of(run, group, key); }};
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"the client says", {}},
      {"  answered in time", [](const RetryRun& run) { return format_percent(run.success()); }},
      {"  median until then", [](const RetryRun& run) { return fmt::format("{:.2f} ms", run.median_ms); }},
      number("  attempts", 0, [](const RetryRun& run) { return run.attempts; }),
      number("  under way at once", 2, [](const RetryRun& run) { return run.under_way; }),
      {"ctxray says", {}},
      threads_seen(),
      number("  requests sent /s", 0, requests_per_second),
      number("  threads in flight", 2, in_flight),
      number("  threads running", 3, parallelism),
      switch_rate("  switches /s: process", "process"),
      switch_rate("    thread", "thread"),
      switch_rate("    from idle", "resume"),
      {"  longest wait", longest_wait},
      text("  I/O model", "io_model", "name"),
      text("  verdict", "verdict", "class"),
      text("", "verdict", "detail"),
      number("  switches per answer", 1, switches_per_answer),
      {"  CPU time per answer", [](const RetryRun& run) { return duration(cpu_per_answer_ns(run)); }},
  };
  return kRows;
}

void print_table(const std::vector<RetryRun>& runs) {
  fmt::print("{:<23}", "");
  for (const RetryRun& run : runs) fmt::print("{:>23}", run.way);
  for (const Row& row : rows()) {
    fmt::print("\n{:<{}}", row.title, row.cell ? 23 : 0);
    if (row.cell)
      for (const RetryRun& run : runs) fmt::print("{:>23}", row.cell(run));
  }
  fmt::print("\n\n");
}

using Figure = std::function<double(const RetryRun&)>;

std::pair<double, double> range(const std::vector<RetryRun>& runs, const Figure& figure) {
  const auto less = [&](const RetryRun& a, const RetryRun& b) { return figure(a) < figure(b); };
  const auto [least, most] = std::minmax_element(runs.begin(), runs.end(), less);
  return {figure(*least), figure(*most)};
}

// "6.8 to 6.9", or just one of them where they look alike.
std::string span(std::pair<double, double> range, const std::function<std::string(double)>& format) {
  const std::string least = format(range.first), most = format(range.second);
  return least == most ? least : fmt::format("{} to {}", least, most);
}

std::string rounded(double value) { return fmt::format("{:.0f}", value); }
std::string tenths(double value) { return fmt::format("{:.1f}", value); }

void tell_who_won(const RetryRun& serial, const std::vector<RetryRun>& concurrent) {
  const std::pair<double, double> success = range(concurrent, &RetryRun::success);
  fmt::print("{}: {} of the questions were answered in time, one after another {}.\n",
             success.first > serial.success() ? "Concurrency wins" : "Concurrency did not win in each way",
             span(success, format_percent), format_percent(serial.success()));
}

void tell_why(const RetryRun& serial, const std::vector<RetryRun>& concurrent) {
  const double running = std::max(range(concurrent, parallelism).second, parallelism(serial));
  fmt::print("Why: {} attempts were under way at once instead of {}, {} requests a second instead of {}.\n",
             span(range(concurrent, [](const RetryRun& run) { return run.under_way; }), tenths),
             tenths(serial.under_way), span(range(concurrent, requests_per_second), rounded),
             rounded(requests_per_second(serial)));
  fmt::print("At most {:.3f} threads ran on average: {}.\n", running,
             running < 0.5 ? "the gain is concurrency (waiting at once), not parallelism (running at once)"
                           : "part of the gain may be parallelism (running at once)");
}

void tell_price(const RetryRun& serial, const std::vector<RetryRun>& concurrent) {
  const auto cheaper = [](const RetryRun& a, const RetryRun& b) { return cpu_per_answer_ns(a) < cpu_per_answer_ns(b); };
  const auto [least, most] = std::minmax_element(concurrent.begin(), concurrent.end(), cheaper);
  fmt::print("The price: {} attempts per answer instead of {}, which the server has to bear.\n",
             span(range(concurrent, attempts_per_answer), tenths), tenths(attempts_per_answer(serial)));
  fmt::print("An answer took {} least: {} of a CPU and {} switches; {} most: {} and {}.\n", least->way,
             duration(cpu_per_answer_ns(*least)), tenths(switches_per_answer(*least)), most->way,
             duration(cpu_per_answer_ns(*most)), tenths(switches_per_answer(*most)));
}

// Where the kernel cannot see what the program does.
void tell_limits(const std::vector<RetryRun>& concurrent) {
  for (const RetryRun& run : concurrent) {
    if (in_flight(run) < run.under_way / 2)
      fmt::print("ctxray counts threads in flight: it cannot see that {:.1f} attempts of {} share {}.\n", run.under_way,
                 run.way, run.report["target"]["threads_seen"] == 1 ? "one thread" : "its threads");
    if (const std::optional<double> part = timeouts(run); part && text_of(run, "verdict", "class") == "idle")
      fmt::print("It calls {} idle, since a timer ended {} of the time in event waits: that looks like sleep.\n",
                 run.way, format_percent(*part));
  }
}

int demonstrate(int argc, char** argv) {
  CLI::App app("Retries one after another and at once, under ctxray", "demo-retry");
  int questions = 64, width = 8, seed = 1;
  bool reports = false;
  app.add_option("--questions", questions, "so many, each with a deadline of 200 ms")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--width", width, "attempts at once")->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("--seed", seed, "of the server's drops")->capture_default_str();
  app.add_flag("--reports", reports, "show ctxray's report of each way, too");
  CLI11_PARSE(app, argc, argv);
  const RetryServer server(seed);
  std::vector<RetryRun> runs;
  for (const std::string& way : kRetryWays) {
    fmt::print(stderr, "{} …\n", way);
    runs.push_back(run_retry(server, way, questions, width));
    if (reports) fmt::print("{}:\n\n{}\n", way, runs.back().text);
  }
  print_table(runs);
  const RetryRun serial = runs.front();
  runs.erase(runs.begin());
  tell_who_won(serial, runs);
  tell_why(serial, runs);
  tell_price(serial, runs);
  tell_limits(runs);
  return 0;
}

} // namespace
} // namespace ctxray

int main(int argc, char** argv) {
  try {
    return ctxray::demonstrate(argc, argv);
  } catch (const ctxray::Error& error) {
    fmt::print(stderr, "demo-retry: {}\n", error.what());
    if (!error.hint().empty()) fmt::print(stderr, "  {}\n", error.hint());
  } catch (const std::exception& error) {
    fmt::print(stderr, "demo-retry: {}\n", error.what());
  }
  return 1;
}
