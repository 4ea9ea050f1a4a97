/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hard and soft interrupts: count and time by line or vector and CPU, and what they stole from a target thread. */
#ifndef CTXRAY_INTERRUPT_BPF_H
#define CTXRAY_INTERRUPT_BPF_H

#include "state.bpf.h"

static __always_inline struct irq_total *irq_total_at(u32 index)
{
	u32 key = bpf_get_smp_processor_id() * WIRE_IRQS + index;

	return bpf_map_lookup_elem(&irqs, &key);
}

static __always_inline u32 line_index(u32 irq)
{
	return irq < WIRE_IRQ_LINES ? irq : WIRE_IRQ_LINES - 1;
}

static __always_inline void hard_entry(bool timer)
{
	struct cpu_state *cpu = this_cpu();

	if (!cpu)
		return;
	cpu->timer = timer;
	cpu->hard_ns = bpf_ktime_get_ns();
}

/* `action` tells the handlers of a shared line apart: the line is counted once, by the first one seen. */
static __always_inline void hard_exit(u32 index, u64 action)
{
	struct cpu_state *cpu = this_cpu();
	struct irq_total *total;
	struct thread_rec *thread;
	bool counts = true;
	u64 length;

	if (!cpu || !cpu->hard_ns)
		return;
	length = bpf_ktime_get_ns() - cpu->hard_ns;
	cpu->hard_ns = 0;
	if (cpu->soft_ns)
		cpu->soft_nested_ns += length;
	total = irq_total_at(index);
	if (total) {
		if (!total->first_action)
			total->first_action = action;
		counts = total->first_action == action;
		total->count += counts;
		total->total_ns += length;
	}
	thread = thread_of(bpf_get_current_task_btf());
	if (thread && thread->state >= THREAD_ON_CPU) {
		thread->totals.sums.hard_count += counts;
		thread->totals.sums.hard_ns += length;
	}
}

static __always_inline void soft_entry(u32 vector)
{
	struct cpu_state *cpu = this_cpu();

	if (!cpu)
		return;
	cpu->soft_vector = vector;
	cpu->soft_nested_ns = 0;
	cpu->soft_ns = bpf_ktime_get_ns();
}

static __always_inline void soft_exit(u32 vector)
{
	struct cpu_state *cpu = this_cpu();
	struct irq_total *total;
	struct thread_rec *thread;
	u64 length;

	if (!cpu || !cpu->soft_ns)
		return;
	length = bpf_ktime_get_ns() - cpu->soft_ns - cpu->soft_nested_ns;
	cpu->soft_ns = 0;
	total = irq_total_at(WIRE_IRQ_LINES + WIRE_VECTORS + (vector & (WIRE_SOFTIRQS - 1)));
	if (total) {
		total->count++;
		total->total_ns += length;
	}
	thread = thread_of(bpf_get_current_task_btf());
	if (thread && thread->state >= THREAD_ON_CPU) {
		thread->totals.sums.soft_count++;
		thread->totals.sums.soft_ns += length;
	}
}

#endif
