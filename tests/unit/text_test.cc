// SPDX-License-Identifier: GPL-2.0-or-later
// Foreign text.
#include "userspace/text.h"

#include <gtest/gtest.h>

namespace ctxray {
namespace {

TEST(Text, ForeignTextCannotControlATerminal) {
  EXPECT_EQ(printable("a\033[31mb\nc\x7f"), "a?[31mb?c?");
  EXPECT_EQ(printable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xc2\x9b"
                      "1m"),
            "?1m");                            // C1 control sequence introducer
  EXPECT_EQ(printable("\xed\xa0\x80"), "???"); // a surrogate
  EXPECT_EQ(printable("\xc0\xaf"), "??");      // overlong
}

TEST(Text, ShortensByColumns) {
  EXPECT_EQ(shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(shorten("abcdef", 4), "abc…");
  EXPECT_EQ(shorten("ééééé", 3), "éé…");
  EXPECT_EQ(shorten("abc", 0), "");
}

TEST(Text, MeasuresWideAndCombiningCharacters) {
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\u0301x"), 2U);
  EXPECT_EQ(shorten("日本語", 5), "日本…");
  EXPECT_EQ(shorten("日本語", 4), "日…");
}

TEST(Text, InvisibleCharactersAreShown) {
  EXPECT_EQ(printable("a\u202eb"), "a?b"); // right-to-left override
  EXPECT_EQ(printable("a\u200bb"), "a?b"); // zero width space
  EXPECT_EQ(printable("\u0301a"), "a");    // nothing to combine with
}

TEST(Text, WhatShowsNothingIsShown) {
  EXPECT_EQ(printable("a\u034fb"), "a?b"); // a mark that joins, and shows nothing
  EXPECT_EQ(printable("a\ufe0fb"), "a?b"); // variation selector
  EXPECT_EQ(printable("a\u3164b"), "a?b"); // a letter that fills a place
  EXPECT_EQ(printable("a\u2066b\ufeffc\u00add"), "a?b?c?d");
}

TEST(Text, LinesKeepTheirEnds) {
  EXPECT_EQ(printable_lines("a\033b\n\nc\td"), "a?b\n\nc?d");
  EXPECT_EQ(printable_lines("a\n"), "a\n");
  EXPECT_EQ(printable_lines(""), "");
}

TEST(Text, MarksDoNotPileUp) { EXPECT_EQ(printable("a\u0301\u0302\u0303\u0304b"), "a\u0301\u0302b"); }

} // namespace
} // namespace ctxray
