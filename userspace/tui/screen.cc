// SPDX-License-Identifier: GPL-2.0-or-later
// Maps cells to ncurses and its keys to events, and leaves the terminal as it was.
#include "userspace/tui/screen.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <langinfo.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <vector>

#include "userspace/error.h"

// Macros of the headers above that get in the way.
#undef columns
#undef lines

namespace ctxray::tui {

namespace {

constexpr std::array kFaults = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::string_view kMouseOff = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l";

// What a fault's handler needs, put together beforehand: it may not do more than write.
struct Rescue {
  termios settings{};
  std::array<char, 256> sequence{};
  std::size_t size = 0;
};
Rescue rescue;

void add_to_rescue(const char* text) {
  if (text == nullptr || text == reinterpret_cast<const char*>(-1)) return;
  const std::size_t length = std::min(std::strlen(text), rescue.sequence.size() - rescue.size);
  std::memcpy(rescue.sequence.data() + rescue.size, text, length);
  rescue.size += length;
}

void on_fault(int signal) {
  const ssize_t ignored = write(STDOUT_FILENO, rescue.sequence.data(), rescue.size);
  (void)ignored;
  tcsetattr(STDIN_FILENO, TCSANOW, &rescue.settings);
  raise(signal); // the handler was taken away when it was called
}

void guard_against_faults() {
  tcgetattr(STDIN_FILENO, &rescue.settings);
  struct sigaction action {};
  action.sa_handler = on_fault;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int signal : kFaults) sigaction(signal, &action, nullptr);
}

Key key_of(int code) {
  switch (code) {
    case KEY_UP:
      return Key::kUp;
    case KEY_DOWN:
      return Key::kDown;
    case KEY_LEFT:
      return Key::kLeft;
    case KEY_RIGHT:
      return Key::kRight;
    case KEY_PPAGE:
      return Key::kPageUp;
    case KEY_NPAGE:
      return Key::kPageDown;
    case KEY_HOME:
      return Key::kHome;
    case KEY_END:
      return Key::kEnd;
    case KEY_ENTER:
      return Key::kEnter;
    case KEY_BACKSPACE:
      return Key::kBackspace;
    case KEY_RESIZE:
      return Key::kResize;
    default:
      break;
  }
  if (code >= KEY_F(1) && code <= KEY_F(10)) return static_cast<Key>(static_cast<int>(Key::kF1) + code - KEY_F(1));
  return Key::kNone;
}

Event mouse_event() {
  MEVENT mouse;
  if (getmouse(&mouse) != OK) return {};
  Event event{Key::kNone, "", static_cast<std::size_t>(std::max(mouse.y, 0)),
              static_cast<std::size_t>(std::max(mouse.x, 0))};
  if ((mouse.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED)) != 0) event.key = Key::kClick;
  if ((mouse.bstate & BUTTON4_PRESSED) != 0) event.key = Key::kWheelUp;
  if ((mouse.bstate & BUTTON5_PRESSED) != 0) event.key = Key::kWheelDown;
  return event;
}

Event text_event(wint_t character) {
  switch (character) {
    case '\n':
    case '\r':
      return {Key::kEnter, "", 0, 0};
    case 27:
      return {Key::kEscape, "", 0, 0};
    case 8:
    case 127:
      return {Key::kBackspace, "", 0, 0};
    case '\t':
      return {Key::kTab, "", 0, 0};
    case 12: // Ctrl-L: draw afresh
      clearok(curscr, TRUE);
      return {Key::kResize, "", 0, 0};
    default:
      break;
  }
  if (character < 32) return {};
  std::array<char, 16> bytes{};
  std::mbstate_t conversion{};
  const std::size_t length = std::wcrtomb(bytes.data(), static_cast<wchar_t>(character), &conversion);
  if (length == static_cast<std::size_t>(-1)) return {};
  return {Key::kText, std::string(bytes.data(), length), 0, 0};
}

} // namespace

std::string why_no_screen() {
  if (isatty(STDIN_FILENO) == 0) return "standard input is no terminal";
  if (isatty(STDOUT_FILENO) == 0) return "standard output is no terminal";
  const char* name = std::getenv("TERM");
  if (name == nullptr || *name == '\0') return "TERM does not name the terminal";
  int error = 0;
  if (setupterm(name, STDOUT_FILENO, &error) != OK)
    return "nothing is known of a terminal called \"" + std::string(name) + "\" (TERM)";
  if (tigetstr("cup") == nullptr || tigetstr("cup") == reinterpret_cast<char*>(-1))
    return "a terminal called \"" + std::string(name) + "\" (TERM) cannot move its cursor";
  return {};
}

Screen::Screen(Theme theme) : theme_(theme) {
  std::setlocale(LC_CTYPE, "");
  ascii_ = std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
  guard_against_faults();
  if (initscr() == nullptr) throw Error("cannot take over the terminal");
  rescue.size = 0;
  add_to_rescue(kMouseOff.data());
  for (const char* capability : {"sgr0", "cnorm", "rmkx", "rmcup"}) add_to_rescue(tigetstr(capability));
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(25);
  curs_set(0);
  leaveok(stdscr, TRUE);
  mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
  mouseinterval(0);
  colour_ = theme_ != Theme::kMonochrome && std::getenv("NO_COLOR") == nullptr && has_colors();
  if (!colour_) theme_ = Theme::kMonochrome;
  if (colour_) {
    start_color();
    use_default_colors();
  }
}

Screen::~Screen() {
  endwin();
  for (const int signal : kFaults) std::signal(signal, SIG_DFL);
}

std::size_t Screen::rows() const { return static_cast<std::size_t>(std::max(getmaxy(stdscr), 1)); }
std::size_t Screen::columns() const { return static_cast<std::size_t>(std::max(getmaxx(stdscr), 1)); }

int Screen::number_of(const Colour& colour) const {
  if (COLORS > 256) return colour.rgb;
  return COLORS == 256 ? colour.indexed : colour.basic;
}

short Screen::pair_of(Role role, bool selected) {
  const auto key = std::pair(role, selected);
  if (const auto found = pairs_.find(key); found != pairs_.end()) return found->second;
  const auto pair = static_cast<short>(pairs_.size() + 1);
  if (pair >= COLOR_PAIRS) return 0;
  init_extended_pair(pair, number_of(foreground(theme_, role)), number_of(background(theme_, role, selected)));
  return pairs_[key] = pair;
}

void Screen::show(const Grid& grid) {
  erase();
  for (std::size_t row = 0; row < grid.rows(); ++row)
    for (std::size_t column = 0; column < grid.columns(); ++column) {
      const Cell& cell = grid.at(row, column);
      if (cell.bytes.empty()) continue;
      const Style& style = cell.style;
      if (cell.bytes == " " && style == Style{}) continue;
      attr_t attributes = style.bold ? A_BOLD : A_NORMAL;
      if (is_reversed(theme_, style.role, style.selected)) attributes |= A_REVERSE;
      if (!colour_ && (style.role == Role::kDim || style.role == Role::kIdle)) attributes |= A_DIM;
      attr_set(attributes, colour_ ? pair_of(style.role, style.selected) : short{0}, nullptr);
      mvaddstr(static_cast<int>(row), static_cast<int>(column), cell.bytes.c_str());
    }
  attrset(A_NORMAL);
  refresh();
}

std::optional<Event> Screen::read() {
  for (;;) {
    wint_t character = 0;
    const int kind = get_wch(&character);
    if (kind == ERR) return std::nullopt;
    Event event;
    if (kind != KEY_CODE_YES)
      event = text_event(character);
    else if (static_cast<int>(character) == KEY_MOUSE)
      event = mouse_event();
    else
      event.key = key_of(static_cast<int>(character));
    if (event.key == Key::kResize) {
      event.row = rows();
      event.column = columns();
    }
    if (event.key != Key::kNone) return event;
  }
}

} // namespace ctxray::tui
