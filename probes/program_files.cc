// SPDX-License-Identifier: GPL-2.0-or-later
// Follows PATH, "#!" and the needs of ELF files, as execvp() and the dynamic linker do.
#include "probes/program_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "probes/fd.h"

namespace ctxray {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string find_in_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':'))
    if (std::string file = fmt::format("{}/{}", folder, name); access(file.c_str(), X_OK) == 0) return file;
  return "";
}

// The words after "#!"; empty: no script.
std::vector<std::string> interpreter_words(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  std::vector<std::string> words;
  if (stream.get() != '#' || stream.get() != '!' || !std::getline(stream, line)) return words;
  std::istringstream rest(line);
  for (std::string word; rest >> word;) words.push_back(word);
  return words;
}

struct Needs {
  std::vector<std::string> names;
  std::vector<std::string> folders; // to search first
};

void take_entry(Elf* elf, const GElf_Shdr& header, const GElf_Dyn& entry, const std::string& origin, Needs& needs) {
  if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_RUNPATH && entry.d_tag != DT_RPATH) return;
  const char* text = elf_strptr(elf, header.sh_link, entry.d_un.d_val);
  if (text == nullptr) return;
  if (entry.d_tag == DT_NEEDED) {
    needs.names.emplace_back(text);
    return;
  }
  for (std::string folder : split(text, ':')) {
    for (const std::string& variable : {std::string("$ORIGIN"), std::string("${ORIGIN}")})
      if (const std::size_t at = folder.find(variable); at != std::string::npos)
        folder.replace(at, variable.size(), origin);
    needs.folders.push_back(folder);
  }
}

Needs needs_of(const std::string& path) {
  Needs needs;
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, decltype(&elf_end)> elf(fd ? elf_begin(fd.get(), ELF_C_READ, nullptr) : nullptr, elf_end);
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF) return needs;
  const std::string origin = path.substr(0, path.rfind('/'));
  for (Elf_Scn* section = elf_nextscn(elf.get(), nullptr); section != nullptr;
       section = elf_nextscn(elf.get(), section)) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_DYNAMIC || header.sh_entsize == 0) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
    for (int i = 0; data != nullptr && i < count; ++i)
      if (GElf_Dyn entry{}; gelf_getdyn(data, i, &entry) != nullptr)
        take_entry(elf.get(), header, entry, origin, needs);
  }
  return needs;
}

std::string find_library(const std::string& name, const std::vector<std::string>& first) {
  const char* given = std::getenv("LD_LIBRARY_PATH");
  std::vector<std::string> folders = split(given == nullptr ? "" : given, ':');
  folders.insert(folders.end(), first.begin(), first.end());
#if defined(__x86_64__)
  for (const char* triplet : {"/x86_64-linux-gnu", "64", ""})
#else
  for (const char* triplet : {"/aarch64-linux-gnu", "64", ""})
#endif
    for (const char* base : {"/lib", "/usr/lib", "/usr/local/lib"}) folders.push_back(std::string(base) + triplet);
  for (const std::string& folder : folders)
    if (std::string file = fmt::format("{}/{}", folder, name); access(file.c_str(), R_OK) == 0) return file;
  return "";
}

} // namespace

std::string program_of(const std::vector<std::string>& command) {
  constexpr int kMostScripts = 4; // as the kernel's
  std::string program = command.empty() ? "" : find_in_path(command.front());
  for (int depth = 0; depth < kMostScripts && !program.empty(); ++depth) {
    const std::vector<std::string> words = interpreter_words(program);
    if (words.empty()) break;
    const bool by_env = words.size() > 1 && words[0].substr(words[0].rfind('/') + 1) == "env";
    program = find_in_path(by_env ? words[words[1] == "-S" && words.size() > 2 ? 2 : 1] : words[0]);
  }
  return program;
}

std::vector<std::string> needed_libraries(const std::string& program) {
  std::vector<std::string> files = {program};
  std::set<std::string> seen = {program};
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Needs needs = needs_of(files[i]);
    for (const std::string& name : needs.names)
      if (const std::string file = find_library(name, needs.folders); !file.empty() && seen.insert(file).second)
        files.push_back(file);
  }
  files.erase(files.begin());
  return files;
}

} // namespace ctxray
