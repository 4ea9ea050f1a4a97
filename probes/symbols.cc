// SPDX-License-Identifier: GPL-2.0-or-later
// Calls bcc_resolve_symname (bcc_syms.h) and the reader of USDT notes (bcc_usdt.h).
#include "probes/symbols.h"

#include <bcc/bcc_proc.h>
#include <bcc/bcc_syms.h>
#include <bcc/bcc_usdt.h>
#include <dlfcn.h>
#include <elf.h>

#include "userspace/error.h"

namespace ctxray {

namespace {

// bcc_usdt_foreach() hands nothing through to its callback.
struct Search {
  std::string provider, name;
  std::uint64_t semaphore = 0;
  int places = 0;
};
thread_local Search search;

void look_at(bcc_usdt* probe) {
  if (search.provider != probe->provider || search.name != probe->name) return;
  search.semaphore = probe->semaphore == 0 ? 0 : probe->semaphore_offset;
  search.places = probe->num_locations;
}

} // namespace

void SymbolFinder::Close::operator()(void* library) const { dlclose(library); }

SymbolFinder::SymbolFinder() : library_(dlopen("libbcc.so.0", RTLD_NOW | RTLD_LOCAL)) {
  for (const char* name : {"bcc_resolve_symname", "bcc_procutils_free", "bcc_usdt_new_frompath", "bcc_usdt_foreach",
                           "bcc_usdt_get_location", "bcc_usdt_close"})
    if (!library_ || function(name) == nullptr)
      throw Error(std::string("cannot probe coroutines: libbcc, which finds symbols, cannot be opened: ") + dlerror(),
                  0, "install it (Debian: apt-get install libbpfcc)");
}

void* SymbolFinder::function(const char* name) const { return dlsym(library_.get(), name); }

// Where the symbol, or what has this address, lies in the file.
std::optional<std::uint64_t> SymbolFinder::resolve(const std::string& path, const char* symbol,
                                                   std::uint64_t address) const {
  bcc_symbol_option option{};
  option.lazy_symbolize = 1;
  option.use_symbol_type = (1U << STT_FUNC) | (1U << STT_NOTYPE) | (1U << STT_GNU_IFUNC);
  bcc_symbol found{};
  const auto resolve_symname = reinterpret_cast<decltype(&bcc_resolve_symname)>(function("bcc_resolve_symname"));
  if (resolve_symname(path.c_str(), symbol, address, 0, &option, &found) != 0) return {};
  reinterpret_cast<decltype(&bcc_procutils_free)>(function("bcc_procutils_free"))(found.module);
  if (found.offset == 0) return {};
  return found.offset;
}

std::optional<std::uint64_t> SymbolFinder::offset_of(const std::string& path, const std::string& symbol) const {
  return resolve(path, symbol.c_str(), 0);
}

std::vector<ProbePlace> SymbolFinder::usdt_places(const std::string& path, const std::string& provider,
                                                  const std::string& name) const {
  const auto close = reinterpret_cast<decltype(&bcc_usdt_close)>(function("bcc_usdt_close"));
  const std::unique_ptr<void, decltype(close)> notes(
      reinterpret_cast<decltype(&bcc_usdt_new_frompath)>(function("bcc_usdt_new_frompath"))(path.c_str()), close);
  if (!notes) return {};
  search = {provider, name};
  reinterpret_cast<decltype(&bcc_usdt_foreach)>(function("bcc_usdt_foreach"))(notes.get(), look_at);
  const auto get = reinterpret_cast<decltype(&bcc_usdt_get_location)>(function("bcc_usdt_get_location"));
  std::vector<ProbePlace> places;
  for (int i = 0; i < search.places; ++i) {
    bcc_usdt_location location{};
    if (get(notes.get(), provider.c_str(), name.c_str(), i, &location) != 0) continue;
    if (const auto offset = resolve(path, nullptr, location.address)) places.push_back({*offset, search.semaphore});
  }
  return places;
}

} // namespace ctxray
