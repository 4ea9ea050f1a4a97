// SPDX-License-Identifier: GPL-2.0-or-later
// Both forms of the report against golden files; CTXRAY_UPDATE_GOLDEN=1 writes them anew.
#include "userspace/report.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/unit/golden.h"
#include "tests/unit/samples.h"
#include "userspace/doctor.h"
#include "userspace/interval_line.h"
#include "userspace/text.h"

namespace ctxray {
namespace {

Report reading_report() {
  Report report;
  report.version = "1.2.3";
  report.kernel = "6.1.0-test";
  report.command = {"reader", "--fast"};
  report.exit_status = 0;
  report.model = make_model(reading_sample());
  return report;
}

void expect_width(const std::string& text, std::size_t width) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
}

TEST(TextReport, Golden) {
  const std::string text = text_report(reading_report(), {});
  expect_golden("report.txt", text);
  expect_width(text, 80);
}

TEST(TextReport, FitsWhateverTheNames) {
  Report report = reading_report();
  report.command = {std::string(300, 'x'), "\033[2J"};
  report.model.interval.processes.push_back(report.model.interval.processes[0]);
  report.model.processes.push_back(report.model.processes[0]);
  report.model.interval.processes[0].comm = "\033]0;owned\a";
  const std::string text = text_report(report, {});
  expect_width(text, 80);
  EXPECT_EQ(text.find('\033'), std::string::npos);
}

TEST(TextReport, ColourOnlyWhereAsked) {
  EXPECT_EQ(text_report(reading_report(), {false, 80}).find('\033'), std::string::npos);
  std::string coloured = text_report(reading_report(), {true, 80});
  EXPECT_NE(coloured.find('\033'), std::string::npos);
  coloured = std::regex_replace(coloured, std::regex("\033\\[[0-9;]*m"), "");
  EXPECT_EQ(coloured, text_report(reading_report(), {false, 80}));
}

TEST(TextReport, LossIsNotHidden) {
  Report report = reading_report();
  report.model.interval.loss.dropped = 12;
  EXPECT_NE(text_report(report, {}).find("LOST: 12 events"), std::string::npos);
}

TEST(JsonReport, Golden) { expect_golden("report.json", json_report(reading_report())); }

TEST(JsonReport, UnknownIsAbsent) {
  Report report = reading_report();
  report.exit_status.reset();
  report.model.interval.hard.reset();
  report.model.interval.syscalls.reset();
  const auto json = nlohmann::json::parse(json_report(report));
  EXPECT_FALSE(json["target"].contains("exit_status"));
  EXPECT_FALSE(json["interrupts"].contains("hard"));
  EXPECT_FALSE(json.contains("syscalls"));
  EXPECT_FALSE(json["overhead"].contains("bpf_ns"));
}

TEST(JsonReport, StaysValidWithAnyName) {
  Report report = reading_report();
  report.model.interval.processes[0].comm = "\xff\xfe\"\n\033";
  EXPECT_TRUE(nlohmann::json::accept(json_report(report)));
}

TEST(IntervalLine, Golden) {
  const Model model = make_model(reading_sample());
  const std::string text = interval_header() + interval_line({model.interval, model.group});
  expect_golden("interval.txt", text);
}

TEST(Doctor, Golden) {
  const std::vector<Requirement> requirements = {
      {"CAP_BPF", true, true, "nothing can be loaded", "sudo"},
      {"sys_exit", false, false, "system calls are not counted", "boot another kernel"}};
  expect_golden("doctor.txt", doctor_table("6.1.0-test", requirements));
}

TEST(Doctor, SaysWhenNothingWorks) {
  EXPECT_NE(doctor_table("x", {{"CAP_BPF", true, false, "nothing can be loaded", "sudo"}}).find("cannot work"),
            std::string::npos);
}

} // namespace
} // namespace ctxray
