// SPDX-License-Identifier: GPL-2.0-or-later
// Any records, and the names in them, on the whole way to each form of output.
#include "userspace/report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

#include "probes/decode.h"
#include "tests/fuzz/records.h"
#include "userspace/interval_line.h"
#include "userspace/tui/view.h"

namespace ctxray::fuzz {
namespace {

ThreadSample make_thread(Bytes& bytes) {
  auto raw = make_record<thread_sample>(bytes);
  tame(raw);
  return decode_thread(raw);
}

ProcessSample make_process(Bytes& bytes, std::uint64_t now_ns) {
  auto raw = make_record<process_rec>(bytes);
  tame(raw);
  ProcessSample process = decode_process(raw, now_ns);
  for (int threads = bytes.number() % 3; threads > 0; --threads) process.threads.push_back(make_thread(bytes));
  for (const ThreadSample& thread : process.threads) add(process.totals, thread.totals);
  for (int sites = bytes.number() % 3; sites > 0; --sites) {
    auto place = make_record<site>(bytes);
    for (__u64* value : {&place.count, &place.total_ns, &place.max_ns}) tame(*value);
    process.sites.push_back(decode_site(make_record<site_key>(bytes), place));
  }
  return process;
}

Sample make_sample(Bytes& bytes) {
  Sample sample;
  sample.now_ns = bytes.number<std::uint64_t>() >> 8;
  sample.cpus_online = bytes.number();
  sample.syscalls.emplace();
  sample.block.emplace();
  for (int processes = bytes.number() % 3; processes > 0; --processes)
    sample.processes.push_back(make_process(bytes, sample.now_ns));
  for (const ProcessSample& process : sample.processes) {
    add(sample.wall, process.wall);
    add(sample.totals, process.totals);
    add(sample.histograms, process.histograms);
    add(sample.block->totals, process.block);
  }
  sample.loss.dropped = bytes.number();
  return sample;
}

// After `first`: counters only rise, processes come, and each has other threads, places and another name.
Sample make_later(const Sample& first, const Sample& more) {
  Sample sample = first;
  sample.now_ns = std::max(first.now_ns, more.now_ns) + 1;
  add(sample.wall, more.wall);
  add(sample.totals, more.totals);
  add(sample.histograms, more.histograms);
  add(sample.block->totals, more.block->totals);
  for (std::size_t i = 0; i < more.processes.size(); ++i) {
    const ProcessSample& news = more.processes[i];
    if (i >= sample.processes.size()) {
      sample.processes.push_back(news);
      continue;
    }
    ProcessSample& process = sample.processes[i];
    process.comm = news.comm;
    process.command = news.command;
    process.ended = news.ended;
    add(process.wall, news.wall);
    add(process.totals, news.totals);
    add(process.histograms, news.histograms);
    add(process.block, news.block);
    process.sites.insert(process.sites.end(), news.sites.begin(), news.sites.end());
    process.threads.insert(process.threads.end(), news.threads.begin(), news.threads.end());
  }
  return sample;
}

void require_width(const std::string& text, std::size_t width) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    require(display_width(line) <= width, "a report fits its width: " + line);
}

void check_report(Model model) {
  Report report;
  report.model = std::move(model);
  const std::string text = text_report(report, {});
  require_harmless(text);
  require_width(text, TextStyle{}.width);
  const nlohmann::json json = nlohmann::json::parse(json_report(report), nullptr, false);
  require(!json.is_discarded(), "JSON is valid");
  const double confidence = json["verdict"]["confidence"];
  require(confidence >= 0 && confidence <= 1, "confidence is a share");
}

// Each view, of the first process where it is of one.
void check_views(const SamplePtr& first, const SamplePtr& second) {
  tui::Board board;
  board.begin(first);
  board.add(second, first);
  for (int view = 0; view <= static_cast<int>(tui::View::kSortMenu); ++view) {
    tui::UiState state;
    state.place().view = static_cast<tui::View>(view);
    if (!board.present().empty()) state.place().subject = tui::subject_of(board.present().front()->interval);
    require_harmless(draw(board, state).grid.text());
  }
}

} // namespace
} // namespace ctxray::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctxray::fuzz;
  Bytes bytes(data, size);
  const bool viewed = bytes.number() % 4 == 0; // takes as long as all else
  const auto first = std::make_shared<const ctxray::Sample>(make_sample(bytes));
  const auto second = std::make_shared<const ctxray::Sample>(make_later(*first, make_sample(bytes)));
  check_report(ctxray::make_model(*first));
  check_report(ctxray::make_model(*second, *first));
  if (viewed) check_views(first, second);
  return 0;
}
