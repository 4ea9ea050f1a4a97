// SPDX-License-Identifier: GPL-2.0-or-later
// Calls bcc_resolve_symname (bcc_syms.h).
#include "probes/symbols.h"

#include <bcc/bcc_syms.h>
#include <dlfcn.h>
#include <elf.h>

#include "userspace/error.h"

namespace ctxray {

void SymbolFinder::Close::operator()(void* library) const { dlclose(library); }

SymbolFinder::SymbolFinder() : library_(dlopen("libbcc.so.0", RTLD_NOW | RTLD_LOCAL)) {
  if (library_) resolve_ = dlsym(library_.get(), "bcc_resolve_symname");
  if (resolve_ == nullptr)
    throw Error(std::string("cannot probe coroutines: libbcc, which finds symbols, cannot be opened: ") + dlerror(), 0,
                "install it (Debian: apt-get install libbpfcc)");
}

std::optional<std::uint64_t> SymbolFinder::offset_of(const std::string& path, const std::string& symbol) const {
  bcc_symbol_option option{};
  option.lazy_symbolize = 1;
  option.use_symbol_type = (1U << STT_FUNC) | (1U << STT_NOTYPE) | (1U << STT_GNU_IFUNC);
  bcc_symbol found{};
  const auto resolve = reinterpret_cast<decltype(&bcc_resolve_symname)>(resolve_);
  if (resolve(path.c_str(), symbol.c_str(), 0, 0, &option, &found) != 0 || found.offset == 0) return {};
  return found.offset;
}

} // namespace ctxray
