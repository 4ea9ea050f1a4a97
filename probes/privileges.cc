// SPDX-License-Identifier: GPL-2.0-or-later
// Speaks capget(2), capset(2), setresuid(2) and prctl(2).
#include "probes/privileges.h"

#include <linux/bpf.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "userspace/error.h"

namespace ctxray {

namespace {

struct Sets {
  Capabilities effective = 0;
  Capabilities permitted = 0;
  Capabilities inheritable = 0;
};

using Words = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>; // the lower half first

Sets read_sets() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Words words{};
  if (syscall(SYS_capget, &header, words.data()) != 0) throw Error("cannot ask for the capabilities", errno);
  const auto join = [&](auto field) { return Capabilities{words[1].*field} << 32 | words[0].*field; };
  return {join(&__user_cap_data_struct::effective), join(&__user_cap_data_struct::permitted),
          join(&__user_cap_data_struct::inheritable)};
}

bool write_sets(const Sets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Words words{};
  for (std::size_t half = 0; half < words.size(); ++half) {
    const auto part = [half](Capabilities all) { return static_cast<std::uint32_t>(all >> (32 * half)); };
    words[half] = {part(sets.effective), part(sets.permitted), part(sets.inheritable)};
  }
  return syscall(SYS_capset, &header, words.data()) == 0;
}

// Keeps the permitted capabilities where the real user is not the effective one (setuid(2) would drop them).
bool take_on_real_ids() {
  const uid_t uid = getuid();
  const gid_t gid = getgid();
  return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0 &&
         prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0;
}

// Until 5.19 (c8644cd0efe7), who may not load programs may not use maps either, where the former is for the privileged.
bool maps_take_privileges() {
  bpf_attr attributes{};
  attributes.map_fd = static_cast<std::uint32_t>(-1);
  return syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attributes, sizeof(attributes)) != 0 && errno == EPERM;
}

} // namespace

Invoker take_on_invoker() {
  Invoker invoker{getuid(), getgid()};
  if (invoker.uid == 0) return invoker;
  const Sets before = read_sets();
  invoker.ordinary = (before.inheritable & capability(CAP_SYS_PTRACE)) == 0;
  constexpr Capabilities kLoading = capability(CAP_BPF) | capability(CAP_PERFMON);
  const Capabilities kept = before.permitted & (kLoading | before.inheritable);
  const bool other_ids = geteuid() != invoker.uid || getegid() != invoker.gid;
  if ((other_ids && !take_on_real_ids()) || !write_sets({kept, kept, before.inheritable}))
    throw Error("cannot take on the identity of who started this", errno);
  return invoker;
}

bool return_to_invoker() {
  if (getuid() == 0) return true;
  const Sets all = read_sets();
  const Capabilities own = all.permitted & all.inheritable;
  return write_sets({own, own, all.inheritable});
}

Kept kept_capabilities(const LaterUse& use) {
  Kept kept;
  if (use.watches) {
    // /proc of other users' processes, and the files that they have open or mapped (also those that are deleted).
    kept.effective = capability(CAP_SYS_PTRACE) | capability(CAP_DAC_READ_SEARCH) | capability(CAP_CHECKPOINT_RESTORE);
    kept.raised = capability(CAP_SYS_ADMIN); // has the kernel measure BPF programs
  }
  if (use.probes_files) kept.raised |= kProbingFiles;
  if (use.sends_signals) kept.effective |= capability(CAP_KILL);
  if (use.saves_files) kept.raised |= capability(CAP_DAC_OVERRIDE) | capability(CAP_CHOWN);
  return kept;
}

void give_up_privileges(const LaterUse& use) {
  Kept kept = kept_capabilities(use);
  Sets sets = read_sets();
  sets.effective = sets.permitted & kept.effective;
  if (!write_sets(sets)) throw Error("cannot give up capabilities", errno);
  if (maps_take_privileges()) kept.effective |= capability(CAP_BPF);
  sets.effective = sets.permitted & kept.effective;
  sets.permitted &= kept.effective | kept.raised;
  sets.inheritable = 0;
  if (!write_sets(sets) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    throw Error("cannot give up capabilities", errno);
}

Capabilities effective_capabilities() { return read_sets().effective; }

Raised::Raised(Capabilities capabilities) : before_(0) {
  Sets sets = read_sets();
  before_ = sets.effective;
  sets.effective |= sets.permitted & capabilities;
  write_sets(sets);
}

Raised::~Raised() {
  try {
    Sets sets = read_sets();
    sets.effective = before_;
    write_sets(sets);
  } catch (const Error&) { // it cannot: capget(2) has worked before
  }
}

} // namespace ctxray
