/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of a target's block requests: begun, given to the device, completed; its owner is who began it. */
#ifndef CTXRAY_BLOCK_BPF_H
#define CTXRAY_BLOCK_BPF_H

#include "account.bpf.h"
#include "request.bpf.h"
#include "soft.bpf.h"

#define REQ_OP_WRITE 1 /* include/linux/blk_types.h: operations that move data to the device are odd */

int add_stage(u32 stage, u64 ns)
{
	u32 bucket = log2_bucket(ns);

	if (stage < STAGE_COUNT && bucket < WIRE_HIST)
		__sync_fetch_and_add(&group.block_hist[stage][bucket], 1);
	return 0;
}

/* For how long the process has had a thread on a CPU. */
static __always_inline u64 cpu_ns_of(u32 slot, u64 now)
{
	struct process_rec *process = process_at(slot);

	return process ? wall_cpu_ns(&process->wall, now) : 0;
}

static __always_inline void begin_request(struct request *rq, u64 issue_ns)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread_rec *thread = thread_of(task);
	u64 owner = owner_of(rq);
	struct request_set *set = set_of(owner);
	u32 way = way_of(set, owner);
	struct block_request *request;

	if (!set)
		return;
	if (!thread || thread->state < THREAD_ON_CPU) {
		if (way < WIRE_WAYS) /* of one that was merged into another: it never ended */
			give_back_request(set, way, owner);
		if (task->flags & PF_KTHREAD) {
			__sync_fetch_and_add(&group.kernel_requests, 1);
			__sync_fetch_and_add(&group.kernel_bytes, rq->__data_len);
		}
		return;
	}
	request = way < WIRE_WAYS ? request_at(set, way) : take_request(set, owner);
	if (!request) {
		__sync_fetch_and_add(&group.requests_full, 1);
		return;
	}
	request->start_ns = issue_ns ? issue_ns : bpf_ktime_get_ns();
	request->issue_ns = issue_ns;
	request->slot = thread->slot;
	request->cpu_ns = issue_ns ? cpu_ns_of(thread->slot, issue_ns) : 0;
	request->bytes = rq->__data_len;
	request->write = rq->cmd_flags & REQ_OP_WRITE;
}

static __always_inline void issue_request(struct request *rq)
{
	u64 owner = owner_of(rq);
	struct request_set *set = set_of(owner);
	u32 way = way_of(set, owner);
	struct block_request *request;
	u64 now;

	if (!set || way == WIRE_WAYS) {
		if (!sees_request_start)
			begin_request(rq, bpf_ktime_get_ns());
		return;
	}
	request = request_at(set, way);
	now = bpf_ktime_get_ns();
	request->issue_ns = now;
	request->cpu_ns = cpu_ns_of(request->slot, now);
	request->bytes = rq->__data_len; /* others may have been merged into it */
}

static __always_inline void complete_request(struct request *rq, u32 bytes)
{
	u64 owner = owner_of(rq);
	struct request_set *set = set_of(owner);
	u32 way = way_of(set, owner);
	struct block_request *request;
	struct process_rec *process;
	struct cpu_state *cpu;
	u64 now, queue, device, overlapped;

	if (!set || way == WIRE_WAYS)
		return;
	if (bytes < rq->__data_len) /* the rest is still to come */
		return;
	request = request_at(set, way);
	now = bpf_ktime_get_ns();
	process = process_at(request->slot);
	if (process && request->issue_ns) {
		queue = request->issue_ns - request->start_ns;
		device = now - request->issue_ns;
		overlapped = wall_cpu_ns(&process->wall, now) - request->cpu_ns;
		__sync_fetch_and_add(&process->block.requests, 1);
		__sync_fetch_and_add(&process->block.writes, request->write);
		__sync_fetch_and_add(&process->block.bytes, request->bytes);
		__sync_fetch_and_add(&process->block.queue_ns, queue);
		__sync_fetch_and_add(&process->block.device_ns, device);
		__sync_fetch_and_add(&process->block.overlapped_ns, overlapped < device ? overlapped : device);
		if (sees_request_start)
			add_stage(STAGE_QUEUE, queue);
		add_stage(STAGE_DEVICE, device);
	}
	give_back_request(set, way, owner);
	cpu = this_cpu();
	if (!cpu)
		return;
	note_completion(cpu, now);
}

/* `thread`, coming onto its CPU, waited for a request that this told of. */
int end_request_wait(struct thread_rec *thread, u64 now)
{
	struct process_rec *process;
	u64 complete, wake, ready;

	if (!thread)
		return 0;
	process = process_at(thread->slot);
	complete = thread->complete_ns;
	wake = READ_ONCE(thread->wake_ns);
	thread->complete_ns = 0;
	if (!process || wake < complete)
		return 0;
	ready = not_negative(now - wake);
	__sync_fetch_and_add(&process->block.wakeups, 1);
	__sync_fetch_and_add(&process->block.completion_ns, wake - complete);
	__sync_fetch_and_add(&process->block.run_queue_ns, ready);
	add_stage(STAGE_COMPLETION, wake - complete);
	add_stage(STAGE_RUN_QUEUE, ready);
	return 0;
}

#endif
