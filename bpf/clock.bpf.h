/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time of a switch, from the clock that the scheduler has just read for it. */
#ifndef CTXRAY_CLOCK_BPF_H
#define CTXRAY_CLOCK_BPF_H

#include "state.bpf.h"

/* Reading the machine's clock is a tenth of what a switch costs, and __schedule() has read one already, for the run
 * queue (update_rq_clock, kernel/sched/core.c). The two run at one rate, but for what NTP does, at most half a
 * microsecond in a millisecond: so long the distance between them that was measured holds. Each measurement comes a
 * little late, the more so where the scheduler has skipped its reading (rq_clock_skip_update) since it had just woken
 * somebody: so a smaller one counts at once, a larger one only in small part. One that is far off counts when the next
 * agrees. */
#define DISTANCE_HOLDS_NS 1000000
#define DISTANCE_NEAR_NS 2000
#define DISTANCE_RISE 4 /* a sixteenth, as a shift */

static __seldom void find_run_queue(struct cpu_state *cpu, struct task_struct *prev)
{
	if (bpf_core_field_exists(prev->se.cfs_rq) && bpf_core_field_exists(struct rq, clock))
		cpu->run_queue = WORD_AT(&((struct cfs_rq *)WORD_AT(&prev->se.cfs_rq))->rq);
}

static __always_inline bool is_near(u64 one, u64 other)
{
	return one - other + DISTANCE_NEAR_NS <= 2 * DISTANCE_NEAR_NS;
}

/* `clock`: of the run queue. */
static __seldom u64 measure_distance(struct cpu_state *cpu, u64 clock)
{
	u64 now = bpf_ktime_get_ns(), measured = now - clock, before = cpu->distance_measured;
	s64 above = measured - cpu->distance;

	cpu->distance_measured = measured;
	cpu->distance_clock = clock;
	if (cpu->distance_holds && is_near(measured, cpu->distance)) {
		cpu->distance += above < 0 ? above : above >> DISTANCE_RISE;
	} else {
		cpu->distance_holds = is_near(measured, before);
		cpu->distance = measured < before ? measured : before;
	}
	return cpu->distance_holds ? clock + cpu->distance : now;
}

/* `prev` has just had this CPU, so its run queue is this CPU's. */
static __always_inline u64 switch_time(struct cpu_state *cpu, struct task_struct *prev)
{
	u64 clock;

	if (!casts || !cpu)
		return bpf_ktime_get_ns();
	if (!cpu->run_queue) {
		find_run_queue(cpu, prev);
		return bpf_ktime_get_ns();
	}
	clock = READ_AT(cpu->run_queue, struct rq, clock);
	if (!cpu->distance_holds || clock - cpu->distance_clock >= DISTANCE_HOLDS_NS)
		return measure_distance(cpu, clock);
	return clock + cpu->distance;
}

#endif
