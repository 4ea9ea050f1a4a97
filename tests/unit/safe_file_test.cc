// SPDX-License-Identifier: GPL-2.0-or-later
// What others have put where all may write is not written to; everything else works as it always does.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "userspace/error.h"
#include "userspace/output.h"
#include "userspace/safe_file.h"

namespace ctxray {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// "" where it was written, otherwise the error.
std::string write_as(const Creator& creator, const fs::path& path) {
  try {
    Output(path.string(), creator).write("report");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// To whoever is not us, all that the test makes is another user's.
class SafeFile : public testing::Test {
 protected:
  SafeFile() {
    std::string name = (fs::temp_directory_path() / "ctxray-test-XXXXXX").string();
    base_ = mkdtemp(name.data());
    for (const char* folder : {"own", "sticky", "sticky/inner"}) fs::create_directory(base_ / folder);
    EXPECT_EQ(chmod((base_ / "sticky").c_str(), 01777), 0);
    std::ofstream(base_ / "own/precious") << "precious";
  }
  ~SafeFile() override { fs::remove_all(base_); }

  [[nodiscard]] bool is_spared() const { return text_of(base_ / "own/precious") == "precious"; }

  const Creator us_{};
  const Creator other_{geteuid() + 1};
  fs::path base_;
};

TEST_F(SafeFile, WritesNewFilesAndOldOnes) {
  for (const char* folder : {"own", "sticky"}) {
    EXPECT_EQ(write_as(us_, base_ / folder / "report"), "");
    EXPECT_EQ(text_of(base_ / folder / "report"), "report");
    std::ofstream(base_ / folder / "report") << "something longer than the report";
    EXPECT_EQ(write_as(us_, base_ / folder / "report"), "");
    EXPECT_EQ(text_of(base_ / folder / "report"), "report");
  }
  EXPECT_EQ(write_as(us_, base_ / "sticky" / "inner" / ".." / "up"), "");
  EXPECT_EQ(text_of(base_ / "sticky/up"), "report");
}

TEST_F(SafeFile, FollowsNobodyElsesLinkWhereAllMayWrite) {
  fs::create_symlink(base_ / "own/precious", base_ / "sticky/link");
  fs::create_symlink(base_ / "own", base_ / "sticky/folder");
  fs::create_symlink(base_ / "own/new", base_ / "sticky/dangling");
  for (const char* path : {"link", "folder/precious", "folder/new", "dangling"}) {
    const std::string error = write_as(other_, base_ / "sticky" / path);
    EXPECT_NE(error.find("link of another user's"), std::string::npos) << path << ": " << error;
  }
  EXPECT_TRUE(is_spared());
  EXPECT_FALSE(fs::exists(base_ / "own/new"));
  // One's own are followed, and those where only their owner writes.
  fs::create_symlink(base_ / "sticky/inner/report", base_ / "own/link");
  EXPECT_EQ(write_as(other_, base_ / "own/link"), "");
  EXPECT_EQ(write_as(us_, base_ / "sticky/dangling"), "");
  EXPECT_EQ(text_of(base_ / "own/new"), "report");
  EXPECT_EQ(write_as(us_, base_ / "sticky/link"), "");
  EXPECT_FALSE(is_spared());
}

TEST_F(SafeFile, OverwritesNobodyElsesFileWhereAllMayWrite) {
  std::ofstream(base_ / "sticky/file") << "precious";
  EXPECT_NE(write_as(other_, base_ / "sticky/file").find("file of another user's"), std::string::npos);
  EXPECT_EQ(text_of(base_ / "sticky/file"), "precious");
  const Creator called_by_us{geteuid() + 1, FileOwner{geteuid(), getegid()}};
  EXPECT_EQ(write_as(called_by_us, base_ / "sticky/file"), "");
}

TEST_F(SafeFile, WritesToNoFileUnderAnotherName) {
  fs::create_hard_link(base_ / "own/precious", base_ / "sticky/name");
  EXPECT_NE(write_as(us_, base_ / "sticky/name").find("other names"), std::string::npos);
  EXPECT_TRUE(is_spared());
}

TEST_F(SafeFile, NamesWhatIsNotThere) {
  const std::string error = write_as(us_, base_ / "no" / "report");
  EXPECT_NE(error.find((base_ / "no" / "report").string() + ": No such file"), std::string::npos) << error;
  EXPECT_NE(write_as(us_, base_ / "own/precious/report").find("Not a directory"), std::string::npos);
  EXPECT_NE(write_as(us_, base_ / "own").find("Is a directory"), std::string::npos);
}

TEST_F(SafeFile, WritesToStreamsAndDevices) {
  EXPECT_EQ(write_as(us_, "/dev/null"), "");
  const int stream = open((base_ / "own/stream").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  EXPECT_EQ(write_as(us_, "/dev/fd/" + std::to_string(stream)), "");
  close(stream);
  EXPECT_EQ(text_of(base_ / "own/stream"), "report");
}

TEST_F(SafeFile, MakesFolders) {
  create_folders((base_ / "own/a/b").string(), us_);
  EXPECT_TRUE(fs::is_directory(base_ / "own/a/b"));
  create_folders((base_ / "own/precious/c").string(), us_);
  EXPECT_TRUE(is_spared());
}

TEST(Creator, IsTheCallerOfSudo) {
  ASSERT_TRUE(find_creator(0, "1000", "100").owner);
  EXPECT_EQ(find_creator(0, "1000", "100").owner->uid, 1000U);
  EXPECT_EQ(find_creator(0, "1000", "100").owner->gid, 100U);
  EXPECT_FALSE(find_creator(0, nullptr, nullptr).owner);
  EXPECT_FALSE(find_creator(0, "0", "0").owner);
  EXPECT_FALSE(find_creator(1000, "1001", "1001").owner); // no business of who is not root
  for (const char* bad : {"", "x", "-1", "1 ", "99999999999"}) EXPECT_FALSE(find_creator(0, bad, "1").owner) << bad;
}

} // namespace
} // namespace ctxray
