/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Soft interrupts as the kernel itself counts them, once user space has found where: then their probe may be away. */
#ifndef CTXRAY_SOFT_BPF_H
#define CTXRAY_SOFT_BPF_H

#include "clock.bpf.h"

#define SOFTIRQ_SERVED 0x100 /* SOFTIRQ_OFFSET, include/linux/preempt.h */
#define SOFT_WORDS 5	     /* of two counters */

/* Real-time kernels keep elsewhere who serves a soft interrupt. */
static __always_inline bool may_know_softs(void)
{
	struct task_struct *task = NULL;

	return casts && !bpf_core_field_exists(task->softirq_disable_cnt);
}

struct softs {
	u32 begun;  /* of all vectors */
	u32 timers; /* of those that run timers */
};

static __always_inline void count_softs(struct softs *softs, const struct cpu_state *cpu)
{
	const u64 *word = WORDS_AT(cpu->softirqs);
	u64 first = word[0], last = word[SOFT_WORDS - 1];

	softs->timers = (u32)(first >> 32) + (u32)last;
	softs->begun = (u32)first + (u32)(first >> 32) + (u32)last + (u32)(last >> 32);
	for (u32 i = 1; i < SOFT_WORDS - 1; i++)
		softs->begun += (u32)word[i] + (u32)(word[i] >> 32);
}

/* Those that its probe has counted so far are told with the first that the kernel counts. */
static __seldom void find_soft_counters(struct cpu_state *cpu)
{
	struct softs softs;

	if (!cpu->run_queue) /* no target has left this CPU yet */
		find_run_queue(cpu, bpf_get_current_task_btf());
	if (!cpu->run_queue)
		return;
	cpu->preempt_count = cpu->run_queue + preempt_distance;
	cpu->softirqs = cpu->run_queue + softirqs_distance;
	count_softs(&softs, cpu);
	cpu->softs_told = softs.begun - cpu->soft_untold;
}

static __always_inline bool knows_softs(struct cpu_state *cpu)
{
	if (!may_know_softs())
		return false;
	if (!cpu->softirqs && READ_ONCE(softirqs_distance))
		find_soft_counters(cpu);
	return cpu->softirqs;
}

static __always_inline bool serves_soft(struct cpu_state *cpu)
{
	return knows_softs(cpu) ? WORD_AT(cpu->preempt_count) & SOFTIRQ_SERVED : cpu->soft_ns;
}

/* A timer's interrupt has come: it asks for those of the soft ones that run timers. */
static __always_inline void note_tick(struct cpu_state *cpu)
{
	struct softs softs;

	if (!knows_softs(cpu))
		return;
	count_softs(&softs, cpu);
	cpu->others_at_tick = softs.begun - softs.timers;
	cpu->timers_at_tick = softs.timers;
}

/* One is served: of those that have begun since the last tick, all run timers, or by its vector. A timer of the kind
 * that runs last (HRTIMER_SOFTIRQ: few users) may be taken for another where others came before it. */
static __always_inline bool serves_timer(struct cpu_state *cpu)
{
	struct softs softs;

	if (!knows_softs(cpu))
		return cpu->soft_vector == TIMER_SOFTIRQ || cpu->soft_vector == HRTIMER_SOFTIRQ;
	count_softs(&softs, cpu);
	return softs.begun - softs.timers == cpu->others_at_tick && softs.timers != cpu->timers_at_tick;
}

/* Those that are in nobody's account yet. */
static __always_inline u32 take_untold(struct cpu_state *cpu)
{
	u32 untold = cpu->soft_untold;
	struct softs softs;

	if (knows_softs(cpu)) {
		count_softs(&softs, cpu);
		untold = softs.begun - cpu->softs_told;
		cpu->softs_told = softs.begun;
	} else if (untold) {
		cpu->soft_untold = 0;
	}
	return untold;
}

/* A block request is complete: whom this interrupt wakes waited for it, perhaps. */
static __always_inline void note_completion(struct cpu_state *cpu, u64 now)
{
	struct softs softs;

	cpu->complete_ns = now;
	if (knows_softs(cpu)) {
		count_softs(&softs, cpu);
		cpu->softs_at_complete = softs.begun;
	}
	cpu->complete_id = cpu->hard_ns || serves_soft(cpu) ? 0 : bpf_get_current_pid_tgid();
}

/* In an interrupt: since it began, a soft one where it came on top of that. */
static __always_inline bool completed_meanwhile(struct cpu_state *cpu)
{
	struct softs softs;

	if (!cpu->complete_ns)
		return false;
	if (!knows_softs(cpu))
		return cpu->complete_ns >= (cpu->soft_ns ? cpu->soft_ns : cpu->hard_ns);
	if (!serves_soft(cpu))
		return cpu->complete_ns >= cpu->hard_ns;
	count_softs(&softs, cpu);
	return softs.begun == cpu->softs_at_complete;
}

#endif
