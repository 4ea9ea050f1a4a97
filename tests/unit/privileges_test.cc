// SPDX-License-Identifier: GPL-2.0-or-later
// Which capabilities outlive loading.
#include <gtest/gtest.h>
#include <linux/capability.h>

#include "probes/privileges.h"

namespace ctxray {
namespace {

constexpr Capabilities kReading =
    capability(CAP_SYS_PTRACE) | capability(CAP_DAC_READ_SEARCH) | capability(CAP_CHECKPOINT_RESTORE);

TEST(KeptCapabilities, AreThoseOfWhatComesLater) {
  EXPECT_EQ(kept_capabilities({}).effective, kReading);
  EXPECT_EQ(kept_capabilities({}).raised, capability(CAP_SYS_ADMIN));
  EXPECT_EQ(kept_capabilities({.probes_files = true}).effective, kReading);
  EXPECT_EQ(kept_capabilities({.probes_files = true}).raised, capability(CAP_SYS_ADMIN) | capability(CAP_PERFMON));
  EXPECT_EQ(kept_capabilities({.sends_signals = true}).effective, kReading | capability(CAP_KILL));
  EXPECT_EQ(kept_capabilities({.saves_files = true}).effective, kReading);
  EXPECT_EQ(kept_capabilities({.saves_files = true}).raised,
            capability(CAP_SYS_ADMIN) | capability(CAP_DAC_OVERRIDE) | capability(CAP_CHOWN));
  EXPECT_EQ(kept_capabilities({.watches = false}).effective | kept_capabilities({.watches = false}).raised, 0U);
}

} // namespace
} // namespace ctxray
