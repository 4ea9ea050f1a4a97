// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the kernel's type information, /proc, /sys and this process's capabilities.
#include "probes/kernel_facts.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "probes/fd.h"
#include "probes/privileges.h"
#include "probes/proc_text.h"
#include "probes/read_text.h"

namespace ctxray {

namespace {

struct BtfFree {
  void operator()(btf* types) const { btf__free(types); }
};

// What the kernel has, without the types themselves: a header and the names. Empty: it cannot be read, which is a fact
// like any other.
std::string read_names(const char* path) {
  const Fd fd(open(path, O_RDONLY | O_CLOEXEC));
  btf_header header{};
  if (!fd || read(fd.get(), &header, sizeof(header)) != sizeof(header)) return {};
  std::string text(sizeof(header) + header.str_len, '\0');
  const std::uint64_t begin = std::uint64_t{header.hdr_len} + header.str_off;
  std::size_t size = sizeof(header);
  for (ssize_t more = 1; more > 0 && size < text.size(); size += static_cast<std::size_t>(std::max<ssize_t>(more, 0)))
    more = pread(fd.get(), &text[size], text.size() - size, static_cast<off_t>(begin + size - sizeof(header)));
  header.hdr_len = sizeof(header);
  header.str_off = 0;
  header.str_len = static_cast<std::uint32_t>(size - sizeof(header));
  std::memcpy(text.data(), &header, sizeof(header));
  text.resize(size);
  return text;
}

// Also of an ELF file that holds it.
std::string read_types(const std::string& path) {
  libbpf_set_print(nullptr);
  const std::unique_ptr<btf, BtfFree> types(btf__parse(path.c_str(), nullptr));
  if (types == nullptr || libbpf_get_error(types.get()) != 0) return {};
  std::uint32_t size = 0;
  const void* data = btf__raw_data(types.get(), &size);
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

std::uint32_t count_processes() {
  std::uint32_t count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error))
    count += std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) != 0 ? 1 : 0;
  return count;
}

std::optional<std::uint32_t> read_number(const char* path) { return parse_pid(parse_comm(read_text(path))); }

// Since 6.14 each pid namespace has a pid_max of its own (7863dcc72d0f), which says nothing of the numbers outside.
bool sees_all_numbers() {
  constexpr ino_t kInitial = 0xEFFFFFFC; // PROC_PID_INIT_INO, include/linux/proc_ns.h
  struct stat status {};
  return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == kInitial;
}

void add_capabilities(std::set<std::string>& features) {
  const Capabilities has = effective_capabilities();
  const auto have = [has](int number) { return (has & (capability(number) | capability(CAP_SYS_ADMIN))) != 0; };
  if (have(CAP_BPF)) features.insert("capability:CAP_BPF");
  if (have(CAP_PERFMON)) features.insert("capability:CAP_PERFMON");
}

} // namespace

bool add_btf_features(std::string_view types, std::set<std::string>& features) {
  static constexpr std::string_view kTrace = "btf_trace_", kHelper = "bpf_";
  static const std::map<std::string_view, std::string> kNames = {{"bpf_iter__task", "struct:bpf_iter__task"},
                                                                 {"bpf_rdonly_cast", "function:bpf_rdonly_cast"},
                                                                 {"bpf_task_pt_regs", "function:bpf_task_pt_regs"}};
  btf_header header{};
  if (types.size() < sizeof(header)) return false;
  std::memcpy(&header, types.data(), sizeof(header));
  const std::uint64_t begin = std::uint64_t{header.hdr_len} + header.str_off;
  if (header.magic != BTF_MAGIC || begin + header.str_len > types.size()) return false;
  std::string_view names = types.substr(begin, header.str_len);
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find('\0'));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    if (name.substr(0, kTrace.size()) == kTrace)
      features.insert("tracepoint:" + std::string(name.substr(kTrace.size())));
    else if (name.substr(0, kHelper.size()) == kHelper)
      if (const auto found = kNames.find(name); found != kNames.end()) features.insert(found->second);
  }
  return true;
}

ThreadLimits read_thread_limits() {
  ThreadLimits limits;
  limits.threads = parse_loadavg_threads(read_text("/proc/loadavg")).value_or(limits.threads);
  limits.most = read_number("/proc/sys/kernel/threads-max").value_or(limits.most);
  if (sees_all_numbers()) limits.numbers = read_number("/proc/sys/kernel/pid_max").value_or(limits.numbers);
  return limits;
}

KernelFacts read_kernel_facts(const std::string& btf_path) {
  KernelFacts facts;
  utsname names{};
  if (uname(&names) == 0) facts.release = names.release;
  if (const int possible = libbpf_num_possible_cpus(); possible > 0)
    facts.cpus_possible = static_cast<std::uint32_t>(possible);
  facts.cpus_online = static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_ONLN));
  facts.tasks = count_processes();
  facts.limits = read_thread_limits();
  facts.lockdown = parse_lockdown(read_text("/sys/kernel/security/lockdown"));
  if (facts.lockdown != "confidentiality") facts.features.insert("kernel-memory");
  add_capabilities(facts.features);
#if defined(__x86_64__)
  facts.features.insert("timer-vector");
#endif

  if (add_btf_features(btf_path.empty() ? read_names("/sys/kernel/btf/vmlinux") : read_types(btf_path), facts.features))
    facts.features.insert("btf");
  return facts;
}

} // namespace ctxray
