// SPDX-License-Identifier: GPL-2.0-or-later
// Any keys, clicks and sizes of a terminal, on a machine whose processes come and go.
#include "userspace/tui/update.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/machine.h"
#include "userspace/tui/columns.h"

namespace ctxray::fuzz {
namespace {

using tui::Board;
using tui::Event;
using tui::Frame;
using tui::Key;
using tui::UiState;

// Samples that follow each other, of fewer and fewer processes.
SamplePtr later(const SamplePtr& sample) {
  Sample next = *sample;
  next.now_ns += kSecond;
  if (!next.processes.empty()) next.processes.pop_back();
  return std::make_shared<const Sample>(std::move(next));
}

Event make_event(Bytes& bytes) {
  constexpr int kKeys = static_cast<int>(Key::kResize) + 1;
  Event event;
  event.key = static_cast<Key>(bytes.number() % kKeys);
  if (event.key == Key::kText) event.text = bytes.text(bytes.number() % 4 + 1);
  if (event.key != Key::kClick && event.key != Key::kResize) return event;
  event.row = bytes.number() % 50;
  event.column = bytes.number();
  return event;
}

void check(const UiState& state, const Frame& frame) {
  require(!state.path.empty(), "there is always something to show");
  require(frame.page.count == 0 || state.place().cursor < frame.page.count, "the cursor is on a row");
  require(frame.grid.rows() == state.rows && frame.grid.columns() == state.columns, "a frame fills the screen");
  require(state.interval_s >= 0.1 && state.interval_s <= 60, "an interval is one that can be kept");
  require(tui::find_column(state.sort) != nullptr, "there is the column to sort by");
  require_harmless(frame.grid.text());
}

} // namespace
} // namespace ctxray::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ctxray::fuzz;
  constexpr int kMostEvents = 32;
  static const auto kMachine = std::make_shared<const ctxray::Sample>(ctxray::tui::machine_sample());
  static const Board kFull = ctxray::tui::machine_board();
  Bytes bytes(data, size);
  ctxray::SamplePtr sample = kMachine;
  Board board = kFull;
  UiState state = ctxray::tui::state_of(80, 24);
  state.ascii = bytes.number() % 2 == 1;
  Frame frame = draw(board, state);
  for (int events = 0; events < kMostEvents && !bytes.empty(); ++events) {
    const Event event = make_event(bytes);
    if (event.key == Key::kNone) { // stands for the end of an interval
      const ctxray::SamplePtr next = later(sample);
      board.add(next, sample);
      sample = next;
      frame = draw(board, state); // it points into the board
    }
    update(state, event, frame);
    frame = draw(board, state);
    check(state, frame);
  }
  return 0;
}
