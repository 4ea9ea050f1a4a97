/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hard and soft interrupts: count and time by line or vector and CPU, and what they stole from a target thread. */
#ifndef CTXRAY_INTERRUPT_BPF_H
#define CTXRAY_INTERRUPT_BPF_H

#include "soft.bpf.h"

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
	if (timer)
		note_tick(cpu);
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
	thread = current_thread();
	if (thread && thread->state >= THREAD_ON_CPU) {
		thread->totals.sums.hard_count += counts;
		thread->totals.sums.hard_ns += length;
	}
}

/* Two readings of the clock are most of what a soft interrupt costs, and those of the network can come with each system
 * call, hundreds of thousands a second. Where they do, every seventh is measured and stands for seven: an odd number,
 * lest it keep step with senders and receivers that take turns. All are counted; the others go into the account of the
 * thread that had the CPU with the next that is measured, or as it leaves its CPU. Those of block devices are measured
 * whenever seen: whom they wake may have waited for a request that they completed since their start. */
#define SOFT_UNTIMED (~0ULL)
#define SOFT_EVERY 7
#define SOFT_FREQUENT_NS 50000 /* from one to the next */

static __always_inline struct soft_rate *soft_rate_of(struct cpu_state *cpu, u32 vector)
{
	if (vector == NET_TX_SOFTIRQ)
		return &cpu->network[0];
	return vector == NET_RX_SOFTIRQ ? &cpu->network[1] : NULL;
}

static __always_inline void soft_entry(u32 vector)
{
	struct cpu_state *cpu = this_cpu();
	struct soft_rate *rate;

	if (!cpu)
		return;
	cpu->soft_vector = vector;
	cpu->soft_nested_ns = 0;
	rate = soft_rate_of(cpu, vector);
	cpu->soft_ns = rate && ++rate->seen < rate->every ? SOFT_UNTIMED : bpf_ktime_get_ns();
}

/* Returns what the soft interrupt that ends stands for; 0: it was not measured. */
static __always_inline u64 soft_length(struct cpu_state *cpu, u32 vector)
{
	struct soft_rate *rate = soft_rate_of(cpu, vector);
	u64 now, length, count;

	if (cpu->soft_ns == SOFT_UNTIMED)
		return 0;
	now = bpf_ktime_get_ns();
	length = now - cpu->soft_ns - cpu->soft_nested_ns;
	if (!rate)
		return length * soft_weight;
	count = rate->seen;
	rate->every = now - rate->timed_ns < count * SOFT_FREQUENT_NS ? SOFT_EVERY : 1;
	rate->timed_ns = now;
	rate->seen = 0;
	return length * count * soft_weight;
}

static __always_inline void soft_exit(u32 vector)
{
	struct cpu_state *cpu = this_cpu();
	struct irq_total *total;
	struct thread_rec *thread;
	u64 length;
	u32 untold;

	if (!cpu || !cpu->soft_ns)
		return;
	length = soft_length(cpu, vector);
	cpu->soft_ns = 0;
	total = irq_total_at(WIRE_IRQ_LINES + WIRE_VECTORS + (vector & (WIRE_SOFTIRQS - 1)));
	if (total) {
		total->count++;
		total->timed += !!length;
		total->total_ns += length;
	}
	cpu->soft_untold++;
	if (!length)
		return;
	untold = take_untold(cpu);
	thread = current_thread();
	if (thread && thread->state >= THREAD_ON_CPU) {
		thread->totals.sums.soft_count += untold;
		thread->totals.sums.soft_ns += length;
	}
}

#endif
