// SPDX-License-Identifier: GPL-2.0-or-later
// What this process may do: at first what its invoker lets it do and loading takes, then only what is still needed.
#pragma once

#include <linux/capability.h>
#include <sys/types.h>

#include <cstdint>

namespace ctxray {

// One bit each, as in /proc/PID/status.
using Capabilities = std::uint64_t;

constexpr Capabilities capability(int number) { return Capabilities{1} << number; }

// For a probe in user space: since 6.16, and in stable kernels of its time ("perf: Revert to requiring CAP_SYS_ADMIN
// for uprobes"), the former, between 5.8 and that the latter.
inline constexpr Capabilities kProbingFiles = capability(CAP_SYS_ADMIN) | capability(CAP_PERFMON);

struct Invoker {
  uid_t uid = 0;
  gid_t gid = 0;
  // He has what it takes to load programs from this file alone (setcap, chmod u+s), not by himself: he may see what he
  // could see without it.
  bool ordinary = false;
};

// Takes on the invoker's real identity for good, and leaves an ordinary one no more than what loading takes. To be
// called before anything is opened.
Invoker take_on_invoker();

// For a child between fork and exec: gives up what the invoker does not have himself. False: see errno.
[[nodiscard]] bool return_to_invoker();

// What happens after loading.
struct LaterUse {
  bool watches = true;        // processes, other users' too
  bool probes_files = false;  // uprobes, as targets map files
  bool sends_signals = false; // to a command, which may have become another user's
  bool saves_files = false;   // new ones, where the user is
};

struct Kept {
  Capabilities effective = 0; // all the time
  Capabilities raised = 0;    // for moments: see Raised
};
Kept kept_capabilities(const LaterUse& use);

// Gives all others up for good, and the way to get any by executing a file.
void give_up_privileges(const LaterUse& use);

// Those of this process that it can use now.
Capabilities effective_capabilities();

// These are in effect while it lives, as far as they were kept.
class Raised {
 public:
  explicit Raised(Capabilities capabilities);
  ~Raised();
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  Capabilities before_;
};

} // namespace ctxray
