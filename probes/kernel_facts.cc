// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the kernel's type information, /proc, /sys and this process's capabilities.
#include "probes/kernel_facts.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

namespace ctxray {

namespace {

struct BtfFree {
  void operator()(btf* types) const { btf__free(types); }
};

std::optional<std::string> read_lockdown() {
  std::ifstream file("/sys/kernel/security/lockdown"); // "none [integrity] confidentiality"
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const std::size_t open = text.find('['), close = text.find(']');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  return text.substr(open + 1, close - open - 1);
}

std::uint32_t count_processes() {
  std::uint32_t count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error))
    count += std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) != 0 ? 1 : 0;
  return count;
}

void add_capabilities(std::set<std::string>& features) {
  capng_clear(CAPNG_SELECT_BOTH);
  if (capng_get_caps_process() != 0) return;
  const bool admin = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) != 0;
  if (admin || capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF) != 0) features.insert("capability:CAP_BPF");
  if (admin || capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON) != 0) features.insert("capability:CAP_PERFMON");
}

} // namespace

void add_btf_features(const btf* types, std::set<std::string>& features) {
  static constexpr std::string_view kTrace = "btf_trace_";
  const std::uint32_t count = btf__type_cnt(types);
  for (std::uint32_t id = 1; id < count; ++id) {
    const btf_type* type = btf__type_by_id(types, id);
    const std::string_view name = btf__name_by_offset(types, type->name_off);
    if (btf_is_typedef(type) && name.substr(0, kTrace.size()) == kTrace)
      features.insert("tracepoint:" + std::string(name.substr(kTrace.size())));
    else if (btf_is_struct(type) && name == "bpf_iter__task")
      features.insert("struct:bpf_iter__task");
    else if (btf_is_func(type) && (name == "bpf_task_pt_regs" || name == "bpf_task_storage_get"))
      features.insert("function:" + std::string(name));
  }
}

KernelFacts read_kernel_facts(const std::string& btf_path) {
  KernelFacts facts;
  utsname names{};
  if (uname(&names) == 0) facts.release = names.release;
  if (const int possible = libbpf_num_possible_cpus(); possible > 0)
    facts.cpus_possible = static_cast<std::uint32_t>(possible);
  facts.cpus_online = static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_ONLN));
  facts.tasks = count_processes();
  facts.lockdown = read_lockdown();
  if (facts.lockdown != "confidentiality") facts.features.insert("kernel-memory");
  add_capabilities(facts.features);

  libbpf_set_print(nullptr); // an unreadable file is a fact like any other
  const std::unique_ptr<btf, BtfFree> types(btf_path.empty() ? btf__load_vmlinux_btf()
                                                             : btf__parse(btf_path.c_str(), nullptr));
  if (types != nullptr && libbpf_get_error(types.get()) == 0) {
    facts.features.insert("btf");
    add_btf_features(types.get(), facts.features);
  }
  return facts;
}

} // namespace ctxray
