// SPDX-License-Identifier: GPL-2.0-or-later
// Keys as changes of the user's choices.
#include "userspace/tui/update.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/machine.h"

namespace ctxray::tui {
namespace {

// A user in front of a screen.
class User {
 public:
  explicit User(Board board = machine_board(), std::size_t columns = 120, std::size_t rows = 30)
      : board_(std::move(board)), state(state_of(columns, rows)), frame_(draw(board_, state)) {}

  Request press(const Event& event) {
    const Request request = update(state, event, frame_);
    frame_ = draw(board_, state);
    return request;
  }
  Request press(Key key) { return press(Event{key, "", 0, 0}); }
  Request type(const std::string& text) {
    Request request = Request::kNone;
    for (const char c : text) request = press(Event{Key::kText, std::string(1, c), 0, 0});
    return request;
  }
  Request click(std::size_t row, std::size_t column) { return press(Event{Key::kClick, "", row, column}); }

  [[nodiscard]] std::string screen() const { return frame_.grid.text(); }
  [[nodiscard]] const Frame& frame() const { return frame_; }
  [[nodiscard]] View view() const { return state.place().view; }
  [[nodiscard]] std::uint32_t pid_at_cursor() const {
    return state.place().cursor_subject ? state.place().cursor_subject->pid : 0;
  }
  void replace_board(Board board) {
    board_ = std::move(board);
    frame_ = draw(board_, state);
  }

 private:
  Board board_;

 public:
  UiState state;

 private:
  Frame frame_;
};

TEST(Keys, EnterTellsWhyAndEscapeLeadsBack) {
  User user;
  EXPECT_EQ(user.pid_at_cursor(), 700U); // the busiest one
  user.press(Key::kEnter);
  EXPECT_EQ(user.view(), View::kWhy);
  EXPECT_NE(user.screen().find("cpu-bound"), std::string::npos);
  EXPECT_NE(user.screen().find("Processes › Why spinner (700)"), std::string::npos) << user.screen();
  user.press(Key::kEnd);
  user.press(Key::kEnter);
  EXPECT_EQ(user.view(), View::kThread);
  user.press(Key::kEscape);
  user.press(Key::kBackspace);
  EXPECT_EQ(user.view(), View::kProcesses);
  EXPECT_EQ(user.pid_at_cursor(), 700U);
}

TEST(Keys, NumbersAndVGoThroughAllViews) {
  User user;
  for (std::size_t i = 0; i < kNumberedViews; ++i) {
    user.type(std::to_string(i + 1));
    EXPECT_EQ(user.view(), static_cast<View>(i));
  }
  user.type("1");
  for (std::size_t i = 1; i <= kNumberedViews; ++i) {
    user.type("v");
    EXPECT_EQ(user.view(), static_cast<View>(i % kNumberedViews));
  }
}

TEST(Keys, SortsByMenuClickAndBothWays) {
  User user;
  user.press(Key::kF6);
  EXPECT_EQ(user.view(), View::kSortMenu);
  user.press(Key::kEnter); // the first column
  EXPECT_EQ(user.state.sort, "pid");
  EXPECT_EQ(user.view(), View::kProcesses);
  const Heading& cpu = *std::find_if(user.frame().page.headings.begin(), user.frame().page.headings.end(),
                                     [](const Heading& heading) { return heading.column_id == "cpu"; });
  user.click(user.frame().heading_row, cpu.begin);
  EXPECT_EQ(user.state.sort, "cpu");
  EXPECT_FALSE(user.state.ascending);
  user.type("I");
  EXPECT_TRUE(user.state.ascending);
}

TEST(Keys, FiltersWhileTyping) {
  User user;
  user.press(Key::kF4);
  user.type("lock");
  EXPECT_EQ(user.frame().page.count, 1U);
  user.press(Key::kEnter);
  EXPECT_EQ(user.state.filter, "lock");
  user.press(Key::kEscape);
  EXPECT_GT(user.frame().page.count, 1U);
  user.type("\\q"); // while a prompt is open, q is a letter
  EXPECT_EQ(user.state.filter, "q");
  EXPECT_NE(user.screen().find("nothing matches"), std::string::npos);
  user.press(Key::kBackspace);
  EXPECT_EQ(user.state.filter, "");
}

TEST(Keys, SearchMovesTheCursor) {
  User user;
  user.type("/reader");
  user.press(Key::kEnter);
  EXPECT_EQ(user.pid_at_cursor(), 4'242U);
  user.type("/zz");
  user.press(Key::kEnter);
  EXPECT_EQ(user.pid_at_cursor(), 4'242U);
}

TEST(Keys, WhoWasFoundAtTheTopIsFollowedFromThere) {
  User user;
  user.type("/spinner");
  user.press(Key::kEnter);
  ASSERT_EQ(user.state.place().cursor, 0U);
  user.state.ascending = true; // as if others had become busier
  user.press(Key::kNone);
  EXPECT_EQ(user.pid_at_cursor(), 700U);
  EXPECT_GT(user.state.place().cursor, 0U);
}

TEST(Keys, IdleKernelThreadsAreLeftOutOfTheWholeMachineAlone) {
  Sample sample = machine_sample();
  for (ProcessSample& process : sample.processes) process.kernel_thread = process.pid == 701; // it sleeps
  User user(machine_board(sample));
  const auto shows = [&user] { return user.screen().find(" 701 ") != std::string::npos; };
  user.state.everything = true;
  user.press(Key::kNone);
  EXPECT_FALSE(shows());
  user.type("K");
  EXPECT_TRUE(shows());
  user.type("K");
  user.state.everything = false; // who names a thread wants to see it
  user.press(Key::kNone);
  EXPECT_TRUE(shows());
}

TEST(Keys, EachSearchIsANewOne) {
  User user;
  user.press(Key::kF3);
  user.type("gone");
  user.press(Key::kEnter);
  user.press(Key::kF3);
  EXPECT_EQ(user.state.prompt, Prompt::kSearch);
  user.type("sp");
  EXPECT_EQ(user.pid_at_cursor(), 700U);
  user.press(Key::kEnter);
  EXPECT_EQ(user.view(), View::kProcesses);
}

TEST(Keys, DownLeadsFromTheTextToTheThreads) {
  User user(machine_board(), 120, 60);
  user.press(Key::kEnter);
  user.press(Key::kDown);
  ASSERT_TRUE(user.state.place().cursor_subject.has_value()) << user.screen();
  user.press(Key::kEnter);
  EXPECT_EQ(user.view(), View::kThread);
}

TEST(Keys, MenusDoNotPileUp) {
  User user;
  user.press(Key::kF6);
  EXPECT_EQ(user.view(), View::kSortMenu);
  user.press(Key::kF4);
  EXPECT_EQ(user.state.prompt, Prompt::kNone);
  user.press(Key::kF6);
  EXPECT_EQ(user.view(), View::kProcesses);
  EXPECT_EQ(user.state.path.size(), 1U);
}

TEST(Keys, TaggedRowsStayOnTop) {
  User user;
  user.press(Key::kEnd);
  const std::uint32_t last = user.pid_at_cursor();
  user.type(" ");
  user.press(Key::kHome);
  EXPECT_EQ(user.pid_at_cursor(), last);
  user.type("U");
  EXPECT_TRUE(user.state.tagged.empty());
}

TEST(Keys, ClickChoosesAndOpens) {
  User user;
  const std::size_t third = user.frame().body_row + 2;
  user.click(third, 3);
  EXPECT_EQ(user.state.place().cursor, 2U);
  user.click(third, 3);
  EXPECT_EQ(user.view(), View::kWhy);
}

TEST(Keys, RequestsReachTheFrontEnd) {
  User user;
  EXPECT_EQ(user.type("s"), Request::kSave);
  EXPECT_EQ(user.type("p"), Request::kHold);
  EXPECT_TRUE(user.state.paused);
  EXPECT_EQ(user.type("+"), Request::kInterval);
  EXPECT_DOUBLE_EQ(user.state.interval_s, 2);
  EXPECT_EQ(user.type("-"), Request::kInterval);
  EXPECT_DOUBLE_EQ(user.state.interval_s, 1);
  EXPECT_EQ(user.type("q"), Request::kQuit);
  EXPECT_EQ(user.press(Key::kF10), Request::kQuit);
}

TEST(Keys, ATreeNestsChildren) {
  User user;
  user.press(Key::kF5);
  EXPECT_NE(user.screen().find("└─"), std::string::npos) << user.screen();
  user.type("t");
  EXPECT_NE(user.screen().find("worker"), std::string::npos) << user.screen();
}

// Each key of the help, in each view, on a full board, an empty one, and one whose target has just gone.
TEST(Keys, EveryKeyOfTheHelpWorksEverywhere) {
  for (const bool full : {true, false})
    for (std::size_t view = 0; view < kNumberedViews; ++view)
      for (const KeyHelp& help : key_helps())
        for (const Event& event : help.events) {
          User user(full ? machine_board() : Board{});
          user.type(std::to_string(view + 1));
          user.replace_board(Board{});
          user.press(event);
          EXPECT_EQ(user.state.message.find("does nothing"), std::string::npos) << help.keys;
          EXPECT_FALSE(user.screen().empty());
        }
}

TEST(Keys, OthersSaySo) {
  User user;
  user.type("X");
  EXPECT_NE(user.state.message.find("F1"), std::string::npos);
}

} // namespace
} // namespace ctxray::tui
