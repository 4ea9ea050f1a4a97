/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where block requests in flight are kept: by a hash of the address of the kernel's request, in sets. To look at one
 * that nobody follows touches one line of the cache, to begin one takes no lock. */
#ifndef CTXRAY_REQUEST_BPF_H
#define CTXRAY_REQUEST_BPF_H

#include "state.bpf.h"

/* What stands for its address: of pointers the verifier lets nothing be made but a difference. Never 0. */
static __always_inline u64 owner_of(const struct request *rq)
{
	return (u64)rq - (u64)&group;
}

static __always_inline struct request_set *set_of(u64 owner)
{
	u64 hash = owner * 0x9e3779b97f4a7c15ULL; /* 2^64 by the golden ratio */
	u32 index = (hash >> 32) * request_sets >> 32;

	return bpf_map_lookup_elem(&requests, &index);
}

/* Its place in the set; WIRE_WAYS: it has none. */
static __always_inline u32 way_of(const struct request_set *set, u64 owner)
{
	u32 way;

	if (!set)
		return WIRE_WAYS;
	for (way = 0; way < WIRE_WAYS; way++)
		if (READ_ONCE(set->owner[way]) == owner)
			break;
	return way;
}

static __always_inline struct block_request *request_at(struct request_set *set, u32 way)
{
	return &set->request[way & (WIRE_WAYS - 1)];
}

static __always_inline struct block_request *take_request(struct request_set *set, u64 owner)
{
	u32 way;

	for (way = 0; way < WIRE_WAYS; way++)
		if (!READ_ONCE(set->owner[way]) && !__sync_val_compare_and_swap(&set->owner[way], 0, owner))
			return request_at(set, way);
	return NULL;
}

/* Nothing is read from it any more: this is a full barrier. */
static __always_inline void give_back_request(struct request_set *set, u32 way, u64 owner)
{
	__sync_val_compare_and_swap(&set->owner[way & (WIRE_WAYS - 1)], owner, 0);
}

#endif
