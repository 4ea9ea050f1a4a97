// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a name: what is shown of them is harmless, fits, and leaves JSON valid.
#include "userspace/text.h"

#include <utf8proc.h>

#include <nlohmann/json.hpp>

#include "tests/fuzz/fuzz.h"
#include "userspace/report.h"
#include "userspace/tui/grid.h"

namespace ctxray::fuzz {
namespace {

void require_utf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                         static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    require(length > 0, "what is shown is valid UTF-8");
    require(code >= 0x20 && (code < 0x7f || code >= 0xa0), "no control characters, of ASCII or beyond");
    at += static_cast<std::size_t>(length);
  }
}

void check_text(const std::string& text) {
  const std::string shown = printable(text);
  require_utf8(shown);
  require(printable(shown) == shown, "what is printable stays as it is");
  std::size_t width = 0;
  for (const Glyph& glyph : glyphs(text)) {
    require(glyph.width >= 1 && glyph.width <= 2, "a glyph takes a column or two");
    width += glyph.width;
  }
  require(width == display_width(text) && width == display_width(shown), "glyphs are as wide as their text");
  require(lower_case(text).size() == text.size(), "searching changes no length");
  require_harmless(printable_lines(text));
}

void check_cuts(const std::string& text, std::size_t width) {
  const std::string cut = shorten(printable(text), width);
  require_utf8(cut);
  require(display_width(cut) <= width, "what is cut fits");
  for (const bool ascii : {false, true}) {
    tui::Grid grid(2, width + 1, ascii);
    tui::Line line;
    line.add(text).right(text, width / 2).left(text, width / 2);
    grid.put(0, 0, line);
    const std::size_t end = grid.put(1, width / 2, text, {});
    require(end <= width + 1, "nothing is put beyond the edge");
    require_harmless(grid.text());
  }
}

void check_json(const std::string& name, const std::string& path) {
  Report report;
  report.command = {name, path};
  ProcessSample process;
  process.comm = process.command = process.user = name;
  process.wall.elapsed_ns = process.wall.idle_ns = 1;
  SiteSample site;
  site.count = site.total_ns = 1;
  site.waker_pid = 1;
  site.waker_name = name;
  site.file = {FileKind::kRegular, 1, false, false, false, 0, 0, 0, {}, {}, path};
  process.sites = {site};
  process.threads.emplace_back().comm = name;
  Sample sample;
  sample.processes = {process};
  report.model = make_model(sample);
  require_harmless(text_report(report, {}));
  const std::string json = json_report(report);
  for (const char c : json) require(c == '\n' || (c >= 0x20 && c < 0x7f), "JSON is plain");
  const nlohmann::json parsed = nlohmann::json::parse(json, nullptr, false);
  require(!parsed.is_discarded(), "JSON is valid");
  if (name == printable(name)) require(parsed["processes"][0]["comm"] == name, "JSON has names as they are");
}

} // namespace
} // namespace ctxray::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctxray::fuzz;
  Bytes bytes(data, size);
  const std::size_t width = bytes.number() % 100;
  const bool reported = bytes.number() % 8 == 0; // takes as long as all else
  const std::string name = bytes.until('\0'), path = bytes.rest();
  check_text(name);
  check_text(path);
  check_cuts(path, width);
  if (reported) check_json(name, path);
  return 0;
}
