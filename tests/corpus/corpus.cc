// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the corpus under ctxray and prints a table of what was expected and what was found; fails where they differ.
#include "tests/corpus/corpus.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/root/support.h"
#include "userspace/error.h"

namespace ctxray {
namespace {

constexpr double kStandsOut = 0.01; // part of the elapsed time

bool one_of(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool names_one_of(const std::string& text, const std::vector<std::string>& words) {
  return words.empty() || std::any_of(words.begin(), words.end(),
                                      [&](const auto& word) { return text.find(word) != std::string::npos; });
}

// The process of this name that used the CPUs most; the whole report where no name is given.
const Json* subject(const Json& report, const std::string& name) {
  if (name.empty()) return &report;
  const Json* found = nullptr;
  for (const Json& process : report["processes"])
    if (process["comm"] == name && (found == nullptr || process["time"]["on_cpu_ns"] > (*found)["time"]["on_cpu_ns"]))
      found = &process;
  return found;
}

bool stands_out(const Json& found, const std::string& reason) {
  for (const Json& wait : found["waits"])
    if (wait["reason"] == reason)
      return wait["total_ns"].get<double>() >= kStandsOut * found["elapsed_ns"].get<double>();
  return false;
}

// A program that is truly starved, beside the load, must still be known for what it is.
bool right_but_for_cpus(const CorpusRow& row, const std::string& detail) {
  return names_one_of(detail, row.verdicts) || one_of(row.verdicts, "mixed");
}

// What is wrong, in words; empty: nothing.
std::string compare(const CorpusRow& row, const Json& found, bool loaded) {
  const std::string verdict = found["verdict"]["class"], detail = found["verdict"]["detail"];
  const bool starved = loaded && verdict == "starved" && right_but_for_cpus(row, detail);
  const bool shifted = loaded && !one_of(row.verdicts, verdict) && (verdict == "mixed" || verdict == "unsure");
  std::string wrong;
  if (!one_of(row.verdicts, verdict) && !starved && !shifted) wrong += " verdict";
  if (detail.find(row.detail) == std::string::npos && verdict == row.verdicts[0] && !loaded) wrong += " detail";
  if (!row.model.empty() && found["io_model"]["name"] != row.model) wrong += " model";
  if (!row.reason.empty() && !stands_out(found, row.reason)) wrong += " reason";
  if (verdict == row.verdicts[0] && !loaded && !names_one_of(found["advice"][0]["do"], row.advice)) wrong += " advice";
  return wrong;
}

// A row drops the page cache, and some machines take back what was not used for a while. What a program that only
// computes reads of itself from the disk is not its character.
void warm_up() {
  const std::string programs = "fio redis-server redis-benchmark redis-cli nginx wrk stress-ng gzip find";
  run_command({"sh", "-c",
               "files=$(ls build/workloads/* /usr/lib/postgresql/*/bin/*; which " + programs +
                   "); { echo \"$files\"; ldd $files | grep -o '/[^ ]*so[^ ]*' | sort -u; } | xargs cat"});
}

struct Judged {
  std::string line;  // of the table
  std::string wrong; // in words; empty: nothing
  std::string why;   // what the report gives as its reasons
};

std::string reasons(const Json& found) {
  std::string text;
  for (const Json& reason : found["verdict"]["reasons"]) text += "    " + reason.get<std::string>() + "\n";
  text += "    I/O model: " + found["io_model"]["evidence"].get<std::string>() + "\n";
  return text + "    advice: " + found["advice"][0]["do"].get<std::string>() + "\n";
}

Judged run_row(const CorpusRow& row, bool loaded) {
  std::vector<std::string> arguments = {"-o", "/dev/null", "--"};
  arguments.insert(arguments.end(), row.command.begin(), row.command.end());
  warm_up();
  const JsonRun run = ctxray_json("run", arguments);
  const Json* found = run.report.is_null() ? nullptr : subject(run.report, row.process);
  Judged judged;
  judged.wrong = found != nullptr ? compare(row, *found, loaded) : " nothing was reported: " + run.finished.err;
  const auto text = [&](const char* group, const char* key) {
    return found == nullptr ? std::string("-") : (*found)[group][key].get<std::string>();
  };
  judged.line = fmt::format(
      "{:<24} {:<11} {:<11} {:>4.0f}%  {:<38.38} {:<20} {}", row.name, row.verdicts[0], text("verdict", "class"),
      found == nullptr ? 0 : 100 * (*found)["verdict"]["confidence"].get<double>(), text("verdict", "detail"),
      text("io_model", "name"), judged.wrong.empty() ? "right" : "WRONG:" + judged.wrong);
  fmt::print("{}\n", judged.line);
  std::fflush(stdout);
  if (found != nullptr && !judged.wrong.empty()) judged.why = reasons(*found);
  return judged;
}

// Returns whether a row is right, or is so `again` times on end after a disturbance of the machine made it wrong once.
// `found_wrong` gets what was wrong.
bool is_right(const CorpusRow& row, bool loaded, int again, std::string& found_wrong) {
  const auto right = [&] {
    const Judged judged = run_row(row, loaded);
    if (!judged.wrong.empty()) found_wrong += judged.line + "\n" + judged.why;
    return judged.wrong.empty();
  };
  if (right()) return true;
  for (int time = 0; time < again; ++time)
    if (!right()) return false;
  return again > 0;
}

// A busy process on each CPU, as long as this lives.
class Load {
 public:
  Load() {
    const unsigned cpus = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned cpu = 0; cpu < cpus; ++cpu)
      spinners_.push_back(std::make_unique<Child>(Command{kWorkloads + "spin", "1", "100000", std::to_string(cpu)}));
    for (const auto& spinner : spinners_) spinner->read_line();
  }

 private:
  std::vector<std::unique_ptr<Child>> spinners_;
};

int run_corpus(int argc, char** argv) {
  CLI::App app{"Runs programs whose answer is known under ctxray", "corpus"};
  bool quick = false, loaded = false;
  std::string only;
  int times = 1, again = 0;
  app.add_flag("--quick", quick, "leave out what takes long or needs more programs");
  app.add_flag("--load", loaded, "beside a busy process on each CPU");
  app.add_option("--only", only, "just the rows with this in their name");
  app.add_option("--times", times, "so many runs of all");
  app.add_option("--again", again, "a row found wrong is right if it is right so many times after that");
  CLI11_PARSE(app, argc, argv);
  std::unique_ptr<Load> load;
  if (loaded) load = std::make_unique<Load>();
  fmt::print("{:<24} {:<11} {:<11} {:>5}  {:<38} {:<20}\n", "program", "expected", "got", "conf", "detail",
             "I/O model");
  int wrong = 0, all = 0;
  std::string found_wrong;
  for (int time = 0; time < times; ++time) {
    for (const CorpusRow& row : corpus()) {
      if ((quick && !row.quick) || row.name.find(only) == std::string::npos) continue;
      ++all;
      wrong += is_right(row, loaded, again, found_wrong) ? 0 : 1;
    }
  }
  if (!found_wrong.empty()) fmt::print("what was wrong:\n{}", found_wrong);
  fmt::print("{} of {} right\n", all - wrong, all);
  return wrong == 0 ? 0 : 1;
}

} // namespace
} // namespace ctxray

int main(int argc, char** argv) {
  try {
    return ctxray::run_corpus(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "corpus: {}\n", error.what());
    return 1;
  }
}
