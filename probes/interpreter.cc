// SPDX-License-Identifier: GPL-2.0-or-later
// Reads /proc/PID/maps and the symbol tables of what could be an interpreter.
#include "probes/interpreter.h"

#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "probes/fd.h"
#include "probes/mappings.h"

namespace ctxray {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRuntimeObject = "_PyRuntime";
constexpr std::string_view kOnlyWithoutLock = "_Py_MergeZeroLocalRefcount";

bool may_be_interpreter(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.rfind("python", 0) == 0 || name.rfind("libpython", 0) == 0;
}

struct Symbols {
  std::optional<std::uint64_t> runtime; // in the file's own addresses
  std::uint64_t runtime_bytes = 0;
  bool without_lock = false;
};

// What a target has mapped may claim any size, and have holes where it says that data is: only what a program can be is
// looked into.
constexpr std::int64_t kMostFileBytes = 1LL << 30;
constexpr std::uint64_t kMostSectionBytes = 1ULL << 26;
constexpr int kMostSymbolSections = 4;

bool is_of_possible_size(int fd) {
  struct stat status {};
  Elf64_Ehdr header{};
  if (fstat(fd, &status) != 0 || status.st_size > kMostFileBytes) return false;
  if (pread(fd, &header, sizeof(header), 0) != sizeof(header)) return false;
  if (header.e_ident[EI_CLASS] == ELFCLASS64) return header.e_shnum != 0; // 0: as many as the first section says
  Elf32_Ehdr small{};
  std::memcpy(&small, &header, sizeof(small));
  return small.e_shnum != 0;
}

bool is_of_possible_size(Elf* elf, const GElf_Shdr& symbols) {
  GElf_Shdr names{};
  return symbols.sh_size <= kMostSectionBytes && gelf_getshdr(elf_getscn(elf, symbols.sh_link), &names) != nullptr &&
         names.sh_size <= kMostSectionBytes;
}

using ElfFile = std::unique_ptr<Elf, decltype(&elf_end)>;

void search(Elf* elf, Elf_Scn* section, const GElf_Shdr& header, Symbols& symbols) {
  if (header.sh_entsize == 0 || !is_of_possible_size(elf, header)) return;
  Elf_Data* data = elf_getdata(section, nullptr);
  if (data == nullptr) return;
  const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
  for (int i = 0; i < count; ++i) {
    GElf_Sym symbol{};
    if (gelf_getsym(data, i, &symbol) == nullptr || symbol.st_shndx == SHN_UNDEF) continue;
    const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name == nullptr) continue;
    if (name == kOnlyWithoutLock) symbols.without_lock = true;
    if (name != kRuntimeObject) continue;
    symbols.runtime = symbol.st_value;
    symbols.runtime_bytes = symbol.st_size;
  }
}

Symbols symbols_of(Elf* elf) {
  Symbols symbols;
  int found = 0;
  for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr && found < kMostSymbolSections;
       section = elf_nextscn(elf, section)) {
    GElf_Shdr header{};
    if (gelf_getshdr(section, &header) == nullptr) break;
    if (header.sh_type != SHT_DYNSYM && header.sh_type != SHT_SYMTAB) continue;
    search(elf, section, header, symbols);
    ++found;
  }
  return symbols;
}

// How far the process has the file's addresses moved, as seen from the segment that this mapping shows.
std::optional<std::uint64_t> load_bias(Elf* elf, const MappedFile& file) {
  constexpr std::uint64_t kPage = 4096;
  std::size_t count = 0;
  if (elf_getphdrnum(elf, &count) != 0) return {};
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr segment{};
    if (gelf_getphdr(elf, static_cast<int>(i), &segment) == nullptr || segment.p_type != PT_LOAD) continue;
    if (segment.p_offset / kPage * kPage == file.offset) return file.start - segment.p_vaddr / kPage * kPage;
  }
  return {};
}

Interpreter look_into(const fs::path& process, const MappedFile& file) {
  const Fd fd = open_mapped(process.string(), file);
  if (!fd || !is_of_possible_size(fd.get()))
    return {may_be_interpreter(file.path) ? Runtime::kPythonUntold : Runtime::kOther};
  elf_version(EV_CURRENT);
  // Read, not mapped: the target could cut the file short meanwhile.
  const ElfFile elf(elf_begin(fd.get(), ELF_C_READ, nullptr), elf_end);
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF) return {Runtime::kOther};
  const Symbols symbols = symbols_of(elf.get());
  if (!symbols.runtime) return {Runtime::kOther};
  const std::optional<std::uint64_t> bias = load_bias(elf.get(), file);
  if (!bias || symbols.without_lock || symbols.runtime_bytes == 0) return {Runtime::kPythonUntold};
  return {Runtime::kPython, *symbols.runtime + *bias, symbols.runtime_bytes};
}

} // namespace

Interpreter find_interpreter(const std::string& proc, std::uint32_t pid) {
  const fs::path process = fs::path(proc) / std::to_string(pid);
  const std::optional<std::vector<MappedFile>> mapped = read_mappings(process.string());
  std::error_code error;
  const std::string program = fs::read_symlink(process / "exe", error).string();
  Interpreter found{mapped ? Runtime::kOther : Runtime::kUnknown};
  std::set<std::string> seen;
  for (const MappedFile& file : mapped.value_or(std::vector<MappedFile>())) {
    if ((file.path != program && !may_be_interpreter(file.path)) || !seen.insert(file.path).second) continue;
    const Interpreter here = look_into(process, file);
    if (here.runtime == Runtime::kPython) return here;
    if (here.runtime == Runtime::kPythonUntold) found = here;
  }
  if (found.runtime == Runtime::kOther && may_be_interpreter(program)) found.runtime = Runtime::kPythonUntold;
  return found;
}

} // namespace ctxray
