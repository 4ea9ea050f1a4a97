// SPDX-License-Identifier: GPL-2.0-or-later
// Starts server and client, and reads the client's line.
#include "tests/workloads/retry/measure.h"

#include <cstdio>

#include "userspace/error.h"

namespace ctxray {

namespace {

const std::string kFolder = kWorkloads + "retry/";
constexpr int kFigures = 5; // in the client's line

void read_client_line(RetryRun& run, const std::string& line) {
  const std::size_t begin = run.way.size() + 1; // "threads: …"
  const std::string rest = line.size() > begin ? line.substr(begin) : "";
  if (std::sscanf(rest.c_str(),
                  "%u of %u questions answered in time, after %lf ms (median); %u attempts, %lf under way",
                  &run.answered, &run.questions, &run.median_ms, &run.attempts, &run.under_way) != kFigures)
    throw Error("cannot read what the client printed: " + line, 0, "run " + kFolder + "client by hand");
}

} // namespace

RetryServer::RetryServer(int seed) : server_({kFolder + "server", "0", std::to_string(seed)}) {
  port_ = server_.read_line();
  if (port_.empty()) throw Error("cannot start " + kFolder + "server", 0, "`make demo-retry` builds it");
}

RetryRun run_retry(const RetryServer& server, const std::string& way, int questions, int width) {
  const JsonRun run = ctxray_json(
      "run", {"--", kFolder + "client", way, server.port(), std::to_string(questions), std::to_string(width)});
  if (run.finished.status != 0 || !run.report.is_object())
    throw Error("cannot run the client for " + way + " under ctxray: " + run.finished.err);
  RetryRun measured;
  measured.way = way;
  read_client_line(measured, run.finished.out);
  measured.report = run.report;
  measured.text = run.finished.err;
  return measured;
}

} // namespace ctxray
