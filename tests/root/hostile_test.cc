// SPDX-License-Identifier: GPL-2.0-or-later
// Names that targets choose to harm who shows them, in every output of the program.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "probes/interpreter.h"
#include "tests/root/terminal.h"
#include "userspace/text.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

// As of the workload: the name of its threads, and the ends of those of its files.
const std::string kThreadName = "\033[31m\n\"\\\xff\xe2\x80\xae\a\xc2\x9b";
const std::string kThreadShown = "?[31m?\"\\????";
const std::string kFileShown = "f?]0;x??\"\\????";

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A program in a file with a hostile name, with hostile arguments, that waits at hostile files.
class HostileTarget {
 public:
  HostileTarget() {
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp");
    const std::string program = folder_ + "/h\033[2J\033]0;t\a\n\"'\\\xff\xe2\x80\xae$(x)";
    fs::copy_file(kWorkloads + "hostile", program);
    child_.emplace(Command{program, folder_, "600", "\033[31m\n\"\\\xff\xe2\x80\xae\xc2\x9b"});
    child_->read_line();
  }
  ~HostileTarget() {
    child_.reset();
    fs::remove_all(folder_);
  }
  HostileTarget(const HostileTarget&) = delete;
  HostileTarget& operator=(const HostileTarget&) = delete;

  [[nodiscard]] std::string pid() const { return std::to_string(child_->pid()); }

 private:
  std::string folder_ = "/tmp/hXXXXXX"; // short: a line of the report holds a path in it
  std::optional<Child> child_;
};

// Nothing but lines of characters that can be seen.
void expect_harmless(const std::string& text) {
  EXPECT_EQ(text, printable_lines(text));
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
}

TEST(Hostile, TheReportShowsNamesHarmless) {
  const HostileTarget target;
  const Finished finished = run_command({kCtxray, "attach", "-p", target.pid(), "-d", "0.5"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  expect_harmless(finished.out);
  expect_harmless(finished.err);
  EXPECT_TRUE(contains(finished.out, kThreadShown)) << finished.out; // it ended waits
  EXPECT_TRUE(contains(finished.out, kFileShown)) << finished.out;
}

TEST(Hostile, TheReportOfALaunchedCommandToo) {
  const std::string argument = "\033[31m\n\"\\\xff\xe2\x80\xae";
  const Finished finished = run_command({kCtxray, "run", "--", "sh", "-c", "true", argument});
  EXPECT_EQ(finished.status, 0);
  expect_harmless(finished.err);
  EXPECT_TRUE(contains(finished.err, "sh -c true ?[31m?")) << finished.err;
}

// Valid UTF-8, and valid JSON to two readers; nothing that a terminal obeys.
TEST(Hostile, TheJsonIsValidAndPlain) {
  const HostileTarget target;
  const TempFile file;
  const Finished finished =
      run_command({kCtxray, "attach", "-p", target.pid(), "-d", "0.5", "--json", file.path(), "-o", "/dev/null"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  const Json report = Json::parse(file.text(), nullptr, false);
  ASSERT_FALSE(report.is_discarded());
  EXPECT_EQ(run_command({"python3", "-m", "json.tool", file.path(), "/dev/null"}).status, 0);
  EXPECT_EQ(run_command(
                {"python3", "-c", "import sys; open(sys.argv[1], 'rb').read().decode('utf-8', 'strict')", file.path()})
                .status,
            0);
  for (const char c : file.text()) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << static_cast<int>(c);
  const Json& process = process_of(report, static_cast<std::uint32_t>(std::stoul(target.pid())));
  // What is no UTF-8 is replaced; all else is as the target has it.
  EXPECT_EQ(process["comm"], "\033[31m\n\"\\\xef\xbf\xbd\xe2\x80\xae\a\xc2\x9b");
}

TEST(Hostile, LinesHoldNothingOfNames) {
  const HostileTarget target;
  Child ctxray({kCtxray, "top", "-b", "-p", target.pid(), "--interval", "0.05"});
  for (int line = 0; line < 5; ++line) {
    const std::string text = ctxray.read_line();
    EXPECT_FALSE(text.empty());
    expect_harmless(text);
  }
  ctxray.send(SIGKILL);
  ctxray.wait();
  expect_harmless(ctxray.errors());
}

TEST(Hostile, TargetsAreFoundByWhateverNameTheyHave) {
  const HostileTarget target;
  const Finished finished = run_command({kCtxray, "attach", "-n", kThreadName, "-d", "0.1"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  expect_harmless(finished.out);
}

TEST(Hostile, ErrorsRepeatWhatWasTypedHarmless) {
  const std::string bad = "\033[31mx\n\a\xff\xe2\x80\xae\xc2\x9b", shown = "?[31mx?????";
  const std::vector<Command> mistakes = {
      {"attach", "-n", bad},
      {"attach", "-p", bad},
      {"attach", "--cgroup", "/" + bad},
      {"attach", "-p", "1", "--json", "/no/" + bad},
      {"attach", "-p", "1", "--budget", bad},
      {"attach", "--" + bad},
      {bad},
      {"--sort", bad, "top"},
      {"--config", "/no/" + bad, "top"},
      {"run", "--user", bad, "--", "true"},
      {"run", "--", "/no/" + bad},
      {"run", "--coroutine-probe", "/no/" + bad + ":f", "--", "true"},
      {"run", "--coroutine-probe", bad, "--", "true"},
      {"doctor", bad},
  };
  for (const Command& mistake : mistakes) {
    Command command = {kCtxray};
    command.insert(command.end(), mistake.begin(), mistake.end());
    const Finished finished = run_command(command);
    EXPECT_NE(finished.status, 0) << finished.out;
    EXPECT_TRUE(contains(finished.err, shown)) << mistake[0] << ": " << finished.err;
    expect_harmless(finished.err);
    expect_harmless(finished.out);
  }
}

TEST(Hostile, AConfigFileToo) {
  const TempFile file;
  const std::string folder = file.path() + ".d";
  fs::create_directories(folder + "/ctxray");
  std::ofstream(folder + "/ctxray/config") << "sort = \033[31mx\xff\n";
  const Finished finished = run_command({"env", "XDG_CONFIG_HOME=" + folder, kCtxray, "doctor"});
  fs::remove_all(folder);
  EXPECT_NE(finished.status, 0);
  EXPECT_TRUE(contains(finished.err, "?[31mx?")) << finished.err;
  expect_harmless(finished.err);
}

// All that the terminal was sent, through every view: of the names' own control sequences there is none.
TEST(Hostile, NoViewLetsANameReachTheTerminal) {
  const HostileTarget target;
  const TempFile sent;
  const std::string program = fs::current_path().string() + "/" + kCtxray;
  const Terminal terminal(
      "script -q -c \"" + program + " top --no-follow -p " + target.pid() + " --interval 0.1\" " + sent.path(), 200,
      40);
  EXPECT_TRUE(terminal.shows(kThreadShown)) << terminal.screen();
  EXPECT_TRUE(terminal.shows("VERDICT")) << terminal.screen();
  const std::vector<std::pair<std::string, std::string>> views = {
      {"2", "TID"}, {"3", kFileShown}, {"4", "zoom"}, {"5", kFileShown}, {"8", "SYSTEM CALL"}, {"1", "VERDICT"}};
  for (const auto& [key, words] : views) {
    terminal.press(key);
    EXPECT_TRUE(terminal.shows(words)) << key << "\n" << terminal.screen();
  }
  terminal.press("q");
  EXPECT_TRUE(terminal.shows("[status 0]")) << terminal.screen();
  const std::string bytes = sent.text();
  EXPECT_TRUE(contains(bytes, kThreadShown));
  for (const char* harm :
       {"\033[31m\n", "\033[2J\033]0;t", "\033]0;x", "\a", "\xff", "\xe2\x80\xae", "\xe2\x80\x8b", "\xc2\x9b"})
    EXPECT_FALSE(contains(bytes, harm)) << printable(harm);
}

// A file full of holes that claims a symbol table of gigabytes would cost as much memory to read.
TEST(Hostile, AFileOfAnySizeIsNotReadWhole) {
  std::string folder = "/tmp/hXXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  fs::create_directories(folder + "/7/root");
  std::ofstream(folder + "/7/maps") << "1000000-1001000 r--p 00000000 fe:01 1 /python3\n";
  const std::string file = folder + "/7/root/python3";
  fs::copy_file("/bin/true", file);
  for (const std::uintmax_t bytes : {std::uintmax_t{1} << 20, std::uintmax_t{1} << 40}) {
    fs::resize_file(file, bytes);
    EXPECT_EQ(find_interpreter(folder, 7).runtime, bytes > 1U << 30 ? Runtime::kPythonUntold : Runtime::kOther);
  }
  fs::remove_all(folder);
}

} // namespace
} // namespace ctxray
