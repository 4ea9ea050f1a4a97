// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the client under ctxray, and has the figures of both.
#pragma once

#include <string>
#include <vector>

#include "tests/root/support.h"

namespace ctxray {

inline const std::vector<std::string> kRetryWays = {"serial", "processes", "threads", "coroutines"};

// A server of its own on a free port, as long as this lives.
class RetryServer {
 public:
  explicit RetryServer(int seed);
  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  Child server_;
  std::string port_;
};

struct RetryRun {
  std::string way;
  // What the client says.
  unsigned answered = 0;
  unsigned questions = 0;
  double median_ms = 0; // until the answer; of those that came in time
  unsigned attempts = 0;
  double under_way = 0; // attempts at once, on average
  // What ctxray says.
  Json report;
  std::string text;

  [[nodiscard]] double success() const { return static_cast<double>(answered) / questions; }
};

// Throws Error where it could not be measured.
RetryRun run_retry(const RetryServer& server, const std::string& way, int questions, int width);

} // namespace ctxray
