// SPDX-License-Identifier: GPL-2.0-or-later
// The corpus: programs whose answer follows from how they are built.
#pragma once

#include <string>
#include <vector>

namespace ctxray {

struct CorpusRow {
  std::string name;
  std::vector<std::string> command;
  std::string process; // the verdict is that of the process of this name with the most CPU time; empty: of all
  std::vector<std::string> verdicts; // right ones; the first is what one would expect
  std::string detail;                // must be in the verdict's detail
  std::string model;                 // the I/O model; empty: none is expected
  std::string reason;                // the wait reason that must stand out; empty: none
  std::vector<std::string> advice;   // words of which one must be in the first advice; empty: any
  bool quick = false;                // part of `make test`
};

const std::vector<CorpusRow>& corpus();

} // namespace ctxray
