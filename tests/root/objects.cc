// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers from the kernel, holders from /proc, and a program let go on each CPU to see when the kernel has freed.
#include "tests/root/objects.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "probes/fd.h"
#include "tests/root/faults.h"

namespace ctxray {

namespace {

namespace fs = std::filesystem;

using Numbers = std::set<std::uint32_t>;

Numbers numbers(int (*next)(__u32, __u32*)) {
  Numbers all;
  for (__u32 id = 0; next(id, &id) == 0;) all.insert(id);
  return all;
}

Numbers keep(const Numbers& numbers, const Numbers& others, bool those_in_others) {
  Numbers kept;
  std::copy_if(numbers.begin(), numbers.end(), std::inserter(kept, kept.end()),
               [&](std::uint32_t number) { return (others.count(number) > 0) == those_in_others; });
  return kept;
}

Objects keep(const Objects& objects, const Objects& others, bool those_in_others) {
  return {keep(objects.programs, others.programs, those_in_others), keep(objects.maps, others.maps, those_in_others),
          keep(objects.links, others.links, those_in_others)};
}

void for_each_process(const std::function<void(pid_t)>& see) {
  for (const auto& entry : fs::directory_iterator("/proc"))
    if (const int pid = std::atoi(entry.path().filename().c_str()); pid > 0) see(pid);
}

bpf_map_info info_of(const Fd& map) {
  bpf_map_info info{};
  __u32 size = sizeof(info);
  if (!map || bpf_obj_get_info_by_fd(map.get(), &info, &size) != 0) throw std::runtime_error("a map tells nothing");
  return info;
}

// Lets go of an attached program that has a map, as the end of ctxray does. Returns the map's number.
std::uint32_t let_go_of_one() {
  const Fd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "ctxray_test", sizeof(__u32), sizeof(__u64), 1, nullptr));
  const std::uint32_t number = info_of(map).id;
  const bpf_insn code[] = {
      {BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map.get()},
      {0, 0, 0, 0, 0}, // the other half of it
      {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  const Fd program(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "ctxray_test", "GPL", code, std::size(code), nullptr));
  const Fd link(bpf_raw_tracepoint_open("task_rename", program.get()));
  if (!link) throw std::runtime_error("cannot attach a program");
  return number;
}

// On each CPU, for workers of the kernel and their queues are of one.
Numbers let_go_on_each_cpu() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) throw std::runtime_error("sched_getaffinity");
  Numbers maps;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof(one), &one) == 0) maps.insert(let_go_of_one());
  }
  sched_setaffinity(0, sizeof(allowed), &allowed);
  return maps;
}

Objects orphans_now(const Objects& before) {
  Objects orphans = without(all_objects(), before);
  if (orphans.size() == 0) return orphans;
  Objects held;
  for_each_process([&held](pid_t pid) { add_held(pid, held); });
  return without(orphans, held);
}

} // namespace

Objects all_objects() {
  return {numbers(bpf_prog_get_next_id), numbers(bpf_map_get_next_id), numbers(bpf_link_get_next_id)};
}

void add_held(pid_t pid, Objects& held) {
  std::error_code error;
  for (fs::directory_iterator at("/proc/" + std::to_string(pid) + "/fdinfo", error), end; !error && at != end;
       at.increment(error)) {
    std::istringstream words(read_file(at->path()));
    for (std::string key; words >> key;) {
      std::uint32_t id = 0;
      if (key == "prog_id:" && words >> id) held.programs.insert(id);
      if (key == "map_id:" && words >> id) held.maps.insert(id);
      if (key == "link_id:" && words >> id) held.links.insert(id);
    }
  }
}

Objects both(const Objects& objects, const Objects& others) { return keep(objects, others, true); }

Objects without(const Objects& objects, const Objects& others) { return keep(objects, others, false); }

Objects orphans_since(const Objects& before) {
  const Numbers later = let_go_on_each_cpu();
  eventually([&later] { return keep(numbers(bpf_map_get_next_id), later, true).empty(); });
  Objects orphans;
  eventually([&] { return (orphans = orphans_now(before)).size() == 0; });
  return orphans;
}

std::string describe(const Objects& objects) {
  std::string text = std::to_string(objects.programs.size()) + " programs, " + std::to_string(objects.links.size()) +
                     " links, " + std::to_string(objects.maps.size()) + " maps:";
  for (const std::uint32_t number : objects.maps)
    if (const Fd map(bpf_map_get_fd_by_id(number)); map) text += std::string(" ") + info_of(map).name;
  for_each_process([&text](pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    if (contains(read_file(folder + "/maps"), "bpf-map"))
      text += "\nin the memory of:\n" + read_file(folder + "/status");
  });
  return text;
}

} // namespace ctxray
