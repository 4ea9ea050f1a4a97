// SPDX-License-Identifier: GPL-2.0-or-later
// The palettes. The colour-blind one is that of Okabe and Ito.
#include "userspace/tui/theme.h"

#include <array>
#include <utility>

namespace ctxray::tui {

namespace {

constexpr Colour kOwn;
constexpr Colour kBlack{0, 16, 0x000000};

constexpr std::array<std::pair<std::string_view, Theme>, 3> kNames = {
    {{"default", Theme::kDefault}, {"colour-blind", Theme::kColourBlind}, {"monochrome", Theme::kMonochrome}}};

Colour default_colour(Role role) {
  switch (role) {
    case Role::kText:
      return kOwn;
    case Role::kDim:
    case Role::kIdle:
      return {7, 244, 0x8a8a8a};
    case Role::kLabel:
      return {6, 73, 0x5fafaf};
    case Role::kHead:
      return {6, 80, 0x5fd7d7};
    case Role::kBar:
    case Role::kKey:
      return kBlack;
    case Role::kAlert:
    case Role::kStarved:
      return {1, 203, 0xff5f5f};
    case Role::kMatch:
    case Role::kTagged:
    case Role::kMixed:
      return {3, 221, 0xffd75f};
    case Role::kCpu:
      return {2, 77, 0x5fd75f};
    case Role::kIo:
      return {4, 75, 0x5fafff};
    case Role::kEvent:
      return {6, 116, 0x87d7d7};
    case Role::kLock:
      return {5, 176, 0xd787d7};
  }
  return kOwn;
}

Colour colour_blind_colour(Role role) {
  switch (role) {
    case Role::kCpu:
      return {6, 37, 0x009e73}; // bluish green
    case Role::kStarved:
    case Role::kAlert:
      return {1, 166, 0xd55e00}; // vermillion
    case Role::kIo:
      return {4, 32, 0x56b4e9}; // sky blue
    case Role::kEvent:
      return {7, 152, 0xafd7d7};
    case Role::kLock:
      return {5, 175, 0xcc79a7}; // reddish purple
    case Role::kMixed:
    case Role::kMatch:
    case Role::kTagged:
      return {3, 227, 0xf0e442}; // yellow
    default:
      return default_colour(role);
  }
}

} // namespace

std::optional<Theme> find_theme(std::string_view name) {
  for (const auto& [known, theme] : kNames)
    if (known == name) return theme;
  return std::nullopt;
}

std::string theme_names() {
  std::string names;
  for (const auto& [name, theme] : kNames) names += (names.empty() ? "" : "|") + std::string(name);
  return names;
}

Colour foreground(Theme theme, Role role) {
  switch (theme) {
    case Theme::kDefault:
      return default_colour(role);
    case Theme::kColourBlind:
      return colour_blind_colour(role);
    case Theme::kMonochrome:
      break;
  }
  return kOwn;
}

Colour background(Theme theme, Role role, bool selected) {
  if (theme == Theme::kMonochrome) return kOwn;
  if (role == Role::kBar) return {6, 73, 0x5fafaf};
  if (role == Role::kKey) return {7, 250, 0xbcbcbc};
  return selected ? Colour{0, 238, 0x444444} : kOwn;
}

bool is_reversed(Theme theme, Role role, bool selected) {
  return theme == Theme::kMonochrome && (selected || role == Role::kBar || role == Role::kKey);
}

} // namespace ctxray::tui
