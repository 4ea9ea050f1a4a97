// SPDX-License-Identifier: GPL-2.0-or-later
// Loads bpf/coroutines.bpf.c and attaches it file by file.
#include "probes/coroutine_probes.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "probes/mappings.h"
#include "probes/program_files.h"
#include "userspace/error.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

constexpr const char* kHint = "see `ctxray doctor`, or leave --coroutines out";

std::vector<CoroutineRuntime> rows_of(const CoroutineChoice& choice, const std::vector<CustomRuntime>& custom) {
  std::vector<CoroutineRuntime> rows;
  if (choice.runtimes) rows = coroutine_runtimes();
  for (const CustomRuntime& one : custom) rows.push_back({one.symbol, {}, false, {one.symbol}, ""});
  if (rows.size() > WIRE_RUNTIMES)
    throw Error(
        "cannot probe " + std::to_string(rows.size()) + " kinds of coroutines, only " + std::to_string(WIRE_RUNTIMES),
        0, "give --coroutine-probe fewer times", kExitUsage);
  return rows;
}

std::vector<CustomRuntime> parse_all(const std::vector<std::string>& texts) {
  std::vector<CustomRuntime> custom;
  for (const std::string& text : texts) custom.push_back(parse_custom_runtime(text));
  return custom;
}

// Where to probe for what the user named. Throws Error where the file does not have it.
std::vector<ProbePlace> places_of(const SymbolFinder& symbols, const std::string& file, const CustomRuntime& custom) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) throw Error("cannot probe " + file, errno, "give the binary's whole path");
  if (!custom.provider.empty()) {
    std::vector<ProbePlace> places = symbols.usdt_places(file, custom.provider, custom.symbol);
    if (places.empty())
      throw Error(fmt::format("cannot probe {}: it has no USDT probe {}:{}", file, custom.provider, custom.symbol), 0,
                  fmt::format("readelf -n {} lists what there is, as stapsdt", file));
    return places;
  }
  const std::optional<std::uint64_t> offset = symbols.offset_of(file, custom.symbol);
  if (!offset)
    throw Error(fmt::format("cannot probe {}: there is no function {} in its symbol tables", file, custom.symbol), 0,
                fmt::format("nm {0} and nm -D {0} list what there is; a stripped binary has only the latter", file));
  return {{*offset, 0}};
}

} // namespace

CoroutineProbes::CoroutineProbes(const KernelSide& kernel, const CoroutineChoice& choice)
    : custom_(parse_all(choice.custom)), runtimes_(rows_of(choice, custom_)), hit_ns_(runtimes_.size()) {
  for (std::size_t row = 0; row + custom_.size() < runtimes_.size(); ++row)
    for (const std::string& symbol : runtimes_[row].symbols)
      probing_.looked_for += (probing_.looked_for.empty() ? "" : ", ") + symbol;
  load(kernel);
  cost_ = measure_probe_cost(skeleton_->progs.on_coroutine_switch, WIRE_RUNTIMES);
  for (std::size_t i = 0; i < custom_.size(); ++i) probe_custom(custom_[i], runtimes_.size() - custom_.size() + i);
}

void CoroutineProbes::load(const KernelSide& kernel) {
#ifndef __clang_analyzer__ // which sees a leak in generated code
  skeleton_.reset(coroutines_bpf::open());
#endif
  if (!skeleton_) throw Error("cannot open the BPF object of coroutines", errno, kHint);
  auto& settings = *skeleton_->rodata;
  for (std::size_t row = 0; row < runtimes_.size(); ++row)
    runtimes_[row].caller.copy(settings.callers[row], WIRE_CALLER - 1);
  const std::vector<CallClass> classes = call_classes();
  for (std::size_t i = 0; i < std::min<std::size_t>(classes.size(), WIRE_SYSCALLS); ++i)
    settings.is_event_wait[i] = classes[i].role == CallRole::kMultiplex ? 1 : 0;
  settings.mmap_call = SYS_mmap;
  const auto& maps = skeleton_->maps;
  bpf_map__set_max_entries(maps.coroutines, kernel.slots());
  if (bpf_map__reuse_fd(maps.threads, kernel.threads_map()) != 0 ||
      bpf_map__reuse_fd(maps.thread_rows, kernel.thread_rows_map()) != 0 ||
      bpf_map__reuse_fd(maps.messages, kernel.messages_map()) != 0)
    throw Error("cannot share the maps of threads", errno, kHint);
  if (const int error = coroutines_bpf::load(skeleton_.get()); error != 0)
    throw Error("cannot load the BPF programs of coroutines", -error, kHint);
  totals_ = MappedArray<coroutine_totals>(bpf_map__fd(maps.coroutines), kernel.slots(), true);
  bpf_program__set_autoattach(skeleton_->progs.on_coroutine_switch, false);
  if (const int error = coroutines_bpf::attach(skeleton_.get()); error != 0)
    throw Error("cannot attach the BPF programs of coroutines", -error, kHint);
}

void CoroutineProbes::probe_custom(const CustomRuntime& custom, std::uint64_t row) {
  const std::string path = program_of({custom.binary}), file = path.empty() ? custom.binary : path;
  for (const ProbePlace& place : places_of(symbols_, file, custom))
    if (!probe(file, place, row)) throw Error(fmt::format("cannot probe {} in {}", custom.symbol, file), errno, kHint);
  probing_.probes.push_back(fmt::format("{} in {}", custom.symbol, file));
}

void CoroutineProbes::look_at_command(const std::vector<std::string>& command) {
  // The first may be env, taskset, timeout or the like, so each word that names a program counts.
  for (const std::string& word : command) {
    const std::string program = program_of({word});
    if (program.empty() || std::filesystem::is_directory(program)) continue;
    look_at_file(program, program, true);
    for (const std::string& library : needed_libraries(program)) look_at_file(library, library, false);
  }
}

void CoroutineProbes::look_at_process(const std::string& proc, std::uint32_t pid) {
  const std::string process = proc + "/" + std::to_string(pid);
  std::error_code error;
  const std::string program = std::filesystem::read_symlink(process + "/exe", error).string();
  if (error) return;
  look_at_file(process + "/exe", program, true);
  for (const MappedFile& file : read_mappings(process).value_or(std::vector<MappedFile>()))
    if (file.code) look_at_file(process + "/root" + file.path, file.path, file.path == program);
}

// `path`: where it can be opened; `shown`: as its process sees it.
void CoroutineProbes::look_at_file(const std::string& path, const std::string& shown, bool is_program) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) ||
      !seen_.emplace(status.st_dev, status.st_ino).second)
    return;
  const std::size_t links = links_.size();
  for (std::size_t row = 0; row + custom_.size() < runtimes_.size(); ++row) {
    const CoroutineRuntime& runtime = runtimes_[row];
    if (!may_hold(runtime, shown, is_program)) continue;
    for (const std::string& symbol : runtime.symbols) {
      const std::optional<std::uint64_t> offset = symbols_.offset_of(path, symbol);
      if (!offset || !probe(path, {*offset, 0}, row)) continue;
      probing_.probes.push_back(fmt::format("{}: {} in {}", runtime.name, symbol, shown));
      break;
    }
  }
  constexpr std::size_t kMostPrograms = 3;
  if (is_program && links_.size() == links && probing_.programs.size() < kMostPrograms)
    probing_.programs.push_back(shown);
}

bool CoroutineProbes::probe(const std::string& path, const ProbePlace& place, std::uint64_t row) {
  ProbeLink link = attach_probe(skeleton_->progs.on_coroutine_switch, path, place.offset, row, place.semaphore);
  if (!link) return false;
  links_.push_back(std::move(link));
  hit_ns_[row] = std::max(hit_ns_[row], cost_.of(path, place.offset));
  return true;
}

Coroutines CoroutineProbes::read(std::uint32_t slot) const {
  const coroutine_totals& raw = totals_[slot];
  Coroutines coroutines;
  for (std::size_t row = 0; row < runtimes_.size(); ++row) {
    if (raw.switches[row] > 0) coroutines.switches.push_back({runtimes_[row].name, raw.switches[row]});
    coroutines.probe_hits += raw.hits[row];
    coroutines.probe_ns += static_cast<std::uint64_t>(static_cast<double>(raw.hits[row]) * hit_ns_[row]);
  }
  coroutines.untold = raw.untold;
  coroutines.loop_max_ns = raw.loop_max_ns;
  return coroutines;
}

void CoroutineProbes::forget(std::uint32_t slot) {
  std::memset(static_cast<void*>(&totals_[slot]), 0, sizeof(coroutine_totals));
}

} // namespace ctxray
