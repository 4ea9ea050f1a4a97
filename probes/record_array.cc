// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the array.
#include "probes/record_array.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <utility>

#include "bpf/wire.h"
#include "userspace/error.h"

namespace ctxray {

RecordArray::Made RecordArray::make(std::uint32_t records) {
  bpf_map_create_opts options{};
  options.sz = sizeof(options);
  options.map_flags = BPF_F_MMAPABLE;
  Fd fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "threads", sizeof(std::uint32_t), sizeof(thread_rec), records, &options));
  if (!fd) throw Error("cannot make the array of threads' records", errno, "see `ctxray doctor`");
  return {std::move(fd), records};
}

} // namespace ctxray
