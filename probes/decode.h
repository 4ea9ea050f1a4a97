// SPDX-License-Identifier: GPL-2.0-or-later
// Turns the kernel side's records into samples, with the interval under way added. Pure: touches no libbpf.
#pragma once

#include "bpf/wire.h"
#include "userspace/sample.h"

namespace ctxray {

Totals decode_totals(const thread_totals& totals);

BlockTotals decode_block(const block_totals& raw);

// Exact by construction: what is not in an account yet belongs to the state that holds now.
ThreadSample decode_thread(const thread_sample& raw);

// The state of the wall clock up to `now_ns`, which is not before the record was copied.
Wall decode_wall(const wall& raw, std::uint64_t now_ns);

// With the time on it that is under way.
CpuSample decode_cpu(std::uint32_t cpu, const cpu_total& raw, std::uint64_t now_ns);

SiteSample decode_site(const site_key& key, const site& raw);

// Without its threads and sites: their totals are still to be added.
ProcessSample decode_process(const process_rec& raw, std::uint64_t now_ns);

} // namespace ctxray
