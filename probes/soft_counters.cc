// SPDX-License-Identifier: GPL-2.0-or-later
// Looks variables up in the section of those that each CPU has one of.
#include "probes/soft_counters.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <map>
#include <memory>
#include <string_view>

namespace ctxray {

namespace {

constexpr std::uint32_t kSoftirqsBytes = 40; // ten vectors: see bpf/soft.bpf.h

struct BtfFree {
  void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, BtfFree>;

const btf_type* type_at(const btf* types, std::uint32_t id) {
  const int resolved = btf__resolve_type(types, id);
  return resolved < 0 ? nullptr : btf__type_by_id(types, static_cast<std::uint32_t>(resolved));
}

struct Variable {
  std::int64_t offset = 0;
  const btf_type* type = nullptr;
};

// Of the section that is the last of them (pahole appends it).
std::map<std::string_view, Variable> variables_of_cpus(const btf* types) {
  std::map<std::string_view, Variable> found;
  for (std::uint32_t id = btf__type_cnt(types) - 1; id > 0; --id) {
    const btf_type* section = btf__type_by_id(types, id);
    if (!btf_is_datasec(section) || std::string_view(btf__name_by_offset(types, section->name_off)) != ".data..percpu")
      continue;
    const btf_var_secinfo* entries = btf_var_secinfos(section);
    for (std::uint16_t i = 0; i < btf_vlen(section); ++i) {
      const btf_type* variable = btf__type_by_id(types, entries[i].type);
      found[btf__name_by_offset(types, variable->name_off)] = {entries[i].offset, type_at(types, entries[i].type)};
    }
    break;
  }
  return found;
}

struct Member {
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
};

// Also of what has no name within it.
std::optional<Member> member_of(const btf* types, const btf_type* type, std::string_view name) {
  if (type == nullptr || !btf_is_composite(type)) return {};
  const btf_member* members = btf_members(type);
  for (std::uint16_t i = 0; i < btf_vlen(type); ++i) {
    const std::int64_t offset = btf_member_bit_offset(type, i) / 8;
    const std::string_view its_name = btf__name_by_offset(types, members[i].name_off);
    if (its_name == name) return Member{offset, btf__resolve_size(types, members[i].type)};
    if (!its_name.empty()) continue;
    if (std::optional<Member> found = member_of(types, type_at(types, members[i].type), name)) {
      found->offset += offset;
      return found;
    }
  }
  return {};
}

} // namespace

std::optional<SoftCounters> find_soft_counters(const std::string& btf_path) {
  const Types types(btf_path.empty() ? btf__load_vmlinux_btf() : btf__parse(btf_path.c_str(), nullptr));
  if (types == nullptr || libbpf_get_error(types.get()) != 0) return {};
  const std::map<std::string_view, Variable> variables = variables_of_cpus(types.get());
  const auto queue = variables.find("runqueues"), stat = variables.find("kstat");
  if (queue == variables.end() || stat == variables.end()) return {};
  const std::optional<Member> softirqs = member_of(types.get(), stat->second.type, "softirqs");
  if (!softirqs || softirqs->bytes != kSoftirqsBytes) return {};
  const std::int64_t origin = queue->second.offset;
  SoftCounters counters{stat->second.offset + softirqs->offset - origin, 0};
  if (const auto count = variables.find("__preempt_count"); count != variables.end()) {
    counters.preempt_count = count->second.offset - origin;
    return counters;
  }
  // Of x86 from 6.2 to 6.14 (64701838bf05).
  const auto hot = variables.find("pcpu_hot");
  const std::optional<Member> count =
      hot == variables.end() ? std::nullopt : member_of(types.get(), hot->second.type, "preempt_count");
  if (!count) return {};
  counters.preempt_count = hot->second.offset + count->offset - origin;
  return counters;
}

} // namespace ctxray
