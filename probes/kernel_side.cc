// SPDX-License-Identifier: GPL-2.0-or-later
// Drives the BPF object through its life.
#include "probes/kernel_side.h"

#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "probes/clock.h"
#include "probes/fd.h"
#include "probes/soft_counters.h"
#include "userspace/error.h"
#include "userspace/wait_policy.h"

namespace ctxray {

namespace {

constexpr const char* kDoctorHint = "see `ctxray doctor`, or add --verbose";

int print_libbpf(libbpf_print_level level, const char* format, va_list arguments) {
  return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, format, arguments);
}

int wire_rule(CallRule rule, Reason reason) {
  switch (rule) {
    case CallRule::kAskFile:
      return CALL_FD;
    case CallRule::kAskFileToSend:
      return CALL_FD_WRITE;
    case CallRule::kAskSplice:
      return CALL_SPLICE;
    case CallRule::kAskFutex:
      return CALL_FUTEX;
    case CallRule::kAsBefore:
      return CALL_RESTART;
    case CallRule::kAlways:
      return CALL_FINAL | static_cast<int>(reason);
    case CallRule::kUnlessDisk:
      break;
  }
  return static_cast<int>(reason);
}

std::uint8_t wire_call_class(const CallClass& call_class) {
  const int rule = wire_rule(call_class.rule, call_class.reason);
  const bool names = call_class.names_file && (rule & CALL_ASK) == 0;
  return static_cast<std::uint8_t>(names ? rule | CALL_NAMES_FD : rule);
}

std::uint8_t wire_wall_class(WallClass wall_class) {
  static_assert(CLASS_IDLE == static_cast<int>(WallClass::kIdle) + 1);
  static_assert(CLASS_CPU == static_cast<int>(WallClass::kCpu) + 1);
  return static_cast<std::uint8_t>(static_cast<int>(wall_class) + 1);
}

// Fails where the object was built from another wire.h than this file.
void check_value_size(const bpf_map* map, std::size_t size) {
  if (bpf_map__value_size(map) != size)
    throw Error(std::string("BPF map ") + bpf_map__name(map) + " does not match this program", 0, "rebuild ctxray");
}

// Of what other CPUs write meanwhile; taken after all that this thread has read before.
template <typename T>
T copy_shared(const T& shared) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  T copy = shared;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return copy;
}

// A copy between two updates where that can be had in a few tries; decode_wall makes good for the rest.
wall copy_wall(const wall& shared) {
  constexpr int kTries = 64;
  wall copy{};
  for (int tries = 0; tries < kTries; ++tries) {
    copy = copy_shared(shared);
    std::uint64_t sum = 0;
    for (const std::uint64_t ns : copy.bucket_ns) sum += ns;
    if (sum == copy.since_ns - copy.start_ns) break;
  }
  return copy;
}

// Takes what the snapshot has emitted as far as it is complete; returns how many bytes that was.
std::size_t take_threads(std::string_view bytes, KernelSide::Threads& threads) {
  std::size_t at = 0;
  while (at + sizeof(quiet_thread) <= bytes.size()) {
    quiet_thread quiet{};
    std::memcpy(&quiet, &bytes[at], sizeof(quiet));
    if (quiet.zero == 0) {
      threads.quiet.push_back(quiet);
      at += sizeof(quiet);
      continue;
    }
    if (at + sizeof(thread_sample) > bytes.size()) break;
    std::memcpy(static_cast<void*>(&threads.all.emplace_back()), &bytes[at], sizeof(thread_sample));
    at += sizeof(thread_sample);
  }
  return at;
}

// Where the kernel has no bpf_rdonly_cast, libbpf looks for it in the kernel's modules, which before 6.2 takes
// CAP_SYS_ADMIN (bpf_obj_get_next_id, kernel/bpf/syscall.c), and fails where it may not, although the function is a
// weak one. It looks once (load_module_btfs, libbpf.c): here, where failing harms nobody.
void search_modules(bpf_program* program) {
  static_cast<void>(bpf_program__set_attach_target(program, 0, "no_function_of_the_kernel"));
}

} // namespace

KernelSide::KernelSide(const Plan& plan, const KernelFacts& facts, const std::string& btf_path, bool verbose,
                       MessageHandler on_message, RecordArray records)
    : cpus_possible_(facts.cpus_possible), slots_(plan.slots), btf_path_(btf_path), on_message_(std::move(on_message)) {
  libbpf_set_print(verbose ? print_libbpf : nullptr);
  open(plan, btf_path);
  configure(plan);
  use_records(records.take());
  if (const int error = ctxray_bpf::load(skeleton_.get()); error != 0)
    throw Error("cannot load the BPF programs", -error, kDoctorHint);
  map_arrays();
  attach();
}

void KernelSide::open(const Plan& plan, const std::string& btf_path) {
  bpf_object_open_opts options{};
  options.sz = sizeof(options);
  options.btf_custom_path = btf_path.empty() ? nullptr : btf_path.c_str();
  skeleton_.reset(ctxray_bpf::open(&options));
  if (!skeleton_) throw Error("cannot open the BPF object", errno, kDoctorHint);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton_->obj) {
    const auto& planned = plan.programs;
    bpf_program__set_autoload(program,
                              std::find(planned.begin(), planned.end(), bpf_program__name(program)) != planned.end());
  }
  if (!plan.casts) search_modules(skeleton_->progs.on_sched_switch);
  check_value_size(skeleton_->maps.threads, sizeof(thread_rec));
  check_value_size(skeleton_->maps.thread_rows, sizeof(thread_row));
  check_value_size(skeleton_->maps.processes, sizeof(process_rec));
  check_value_size(skeleton_->maps.irqs, sizeof(irq_total));
  check_value_size(skeleton_->maps.syscalls, sizeof(syscall_total));
  check_value_size(skeleton_->maps.cpus, sizeof(cpu_total));
  check_value_size(skeleton_->maps.sites, sizeof(site));
  check_value_size(skeleton_->maps.requests, sizeof(request_set));
}

void KernelSide::configure(const Plan& plan) {
  const std::uint32_t request_sets = (plan.requests + WIRE_WAYS - 1) / WIRE_WAYS;
  auto& settings = *skeleton_->rodata;
  settings.follow = plan.follow;
  settings.everything = plan.everything;
  settings.only_own = plan.viewer.has_value();
  settings.own_uid = plan.viewer ? plan.viewer->uid : 0;
  settings.own_gid = plan.viewer ? plan.viewer->gid : 0;
  settings.slots = plan.slots;
  settings.counts_calls = plan.syscalls;
  settings.counts_cpus = plan.cpus;
  settings.sees_request_start = plan.block_start;
  settings.request_sets = request_sets;
  settings.casts = plan.casts;
  settings.samples_calls = plan.call_slices;
  if (!plan.interrupts) skeleton_->bss->shed = SHED_WAKERS;
  static_assert(ROLE_CLOSE == static_cast<int>(CallRole::kClose));
  const std::vector<CallClass> classes = call_classes();
  for (std::size_t i = 0; i < std::min<std::size_t>(classes.size(), WIRE_CALLS); ++i) {
    settings.call_class[i] = wire_call_class(classes[i]);
    settings.call_role[i] = static_cast<std::uint8_t>(classes[i].role);
  }
  for (std::size_t i = 0; i < kFileKinds; ++i)
    settings.file_reason[i] = static_cast<std::uint8_t>(file_reason(static_cast<FileKind>(i)));
  for (std::size_t i = 0; i < kReasons; ++i)
    settings.reason_class[i] = wire_wall_class(wall_class(static_cast<Reason>(i)));
  const auto& maps = skeleton_->maps;
  bpf_map__set_max_entries(maps.thread_rows, plan.numbers / WIRE_NUMBERS + 1);
  bpf_map__set_max_entries(maps.processes, plan.slots);
  bpf_map__set_max_entries(maps.free_slots, plan.slots);
  bpf_map__set_max_entries(maps.ended_slots, plan.slots);
  bpf_map__set_max_entries(maps.sites, plan.sites);
  bpf_map__set_max_entries(maps.requests, request_sets);
  bpf_map__set_max_entries(maps.messages, plan.ring_bytes);
  bpf_map__set_max_entries(maps.irqs, cpus_possible_ * WIRE_IRQS);
  bpf_map__set_max_entries(maps.syscalls, cpus_possible_ * WIRE_CALLS);
  bpf_map__set_max_entries(maps.cpus, cpus_possible_);
}

void KernelSide::use_records(const RecordArray::Made& made) {
  skeleton_->rodata->records = made.records;
  bpf_map__set_max_entries(skeleton_->maps.free_records, made.records);
  if (bpf_map__reuse_fd(skeleton_->maps.threads, made.fd.get()) != 0)
    throw Error("cannot use the array of threads' records", errno, kDoctorHint);
}

void KernelSide::map_arrays() {
  const auto& maps = skeleton_->maps;
  const std::size_t cpus = cpus_possible_;
  processes_ = MappedArray<process_rec>(bpf_map__fd(maps.processes), slots_, true);
  irqs_ = MappedArray<irq_total>(bpf_map__fd(maps.irqs), cpus * WIRE_IRQS, false);
  syscalls_ = MappedArray<syscall_total>(bpf_map__fd(maps.syscalls), cpus * WIRE_CALLS, false);
  cpus_ = MappedArray<cpu_total>(bpf_map__fd(maps.cpus), cpus, false);
  ring_.reset(ring_buffer__new(bpf_map__fd(maps.messages), handle_message, this, nullptr));
  if (!ring_) throw Error("cannot read the ring of messages", errno, kDoctorHint);
  wall& overflow = processes_[WIRE_OVERFLOW_SLOT].wall;
  overflow.start_ns = clock_ns(CLOCK_MONOTONIC);
  overflow.since_ns = overflow.start_ns;
}

void KernelSide::attach() {
  // The iterators run on demand, all others from here on.
  bpf_program__set_autoattach(skeleton_->progs.seed, false);
  bpf_program__set_autoattach(skeleton_->progs.snapshot, false);
  bpf_program__set_autoattach(skeleton_->progs.on_sys_exit, false);
  if (const int error = ctxray_bpf::attach(skeleton_.get()); error != 0)
    throw Error("cannot attach the BPF programs", -error, kDoctorHint);
  const bool all_calls = skeleton_->rodata->counts_calls && !skeleton_->rodata->samples_calls;
  if (all_calls && !probe_calls(1)) throw Error("cannot attach the probe of system calls", errno, kDoctorHint);
  snapshot_ = attach_iterator(skeleton_->progs.snapshot);
}

KernelSide::Link KernelSide::attach_iterator(bpf_program* program) {
  Link link(bpf_program__attach_iter(program, nullptr));
  if (!link) throw Error("cannot attach the task iterator", errno, kDoctorHint);
  return link;
}

void KernelSide::run_iterator(const bpf_link* link, const Taker& take) {
  const Fd fd(bpf_iter_create(bpf_link__fd(link)));
  if (!fd) throw Error("cannot run the task iterator", errno, kDoctorHint);
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) throw Error("cannot read the task iterator", errno, kDoctorHint);
    if (size == 0) return;
    if (take) take({buffer.data(), static_cast<std::size_t>(size)});
  }
}

std::uint32_t KernelSide::seed_pass(seed_mode mode) {
  const Link link = attach_iterator(skeleton_->progs.seed);
  skeleton_->bss->seed_mode = mode;
  skeleton_->bss->seeded = 0;
  run_iterator(link.get(), {});
  return copy_shared(skeleton_->bss->seeded);
}

void KernelSide::begin_seeding() {
  skeleton_->bss->seeding = 1;
  if (skeleton_->bss->group.live == 0) return;
  // Until no program runs any more that has not seen it. Some kernels cannot tell (nohz_full, membarrier(2)).
  constexpr timespec kLongEnough = {0, 50'000'000};
  if (::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0) nanosleep(&kLongEnough, nullptr);
}

void KernelSide::end_seeding() { skeleton_->bss->seeding = 0; }

void KernelSide::set_targets(const std::vector<std::uint32_t>& pids) {
  const int map = bpf_map__fd(skeleton_->maps.targets);
  const std::uint8_t yes = 1;
  for (const std::uint32_t pid : pids)
    if (bpf_map_update_elem(map, &pid, &yes, BPF_ANY) != 0)
      throw Error("cannot add process " + std::to_string(pid) + " to the targets", errno);
}

void KernelSide::forget_targets(const std::vector<std::uint32_t>& pids) {
  for (const std::uint32_t pid : pids) bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.targets), &pid);
}

void KernelSide::start_clock() {
  wall& clock = skeleton_->bss->group.wall;
  if (clock.start_ns != 0) return;
  clock.start_ns = clock_ns(CLOCK_MONOTONIC);
  clock.since_ns = clock.start_ns;
}

KernelSide::Threads KernelSide::read_threads(std::uint64_t quiet_since) const {
  Threads threads;
  std::string bytes;
  skeleton_->bss->quiet_since = quiet_since;
  run_iterator(snapshot_.get(), [&](std::string_view more) {
    bytes.append(more);
    bytes.erase(0, take_threads(bytes, threads));
  });
  return threads;
}

void KernelSide::release_processes() {
  constexpr std::size_t kAtHand = 64;
  processes_.keep_at_most(kAtHand);
}

group KernelSide::read_group() const {
  group copy = copy_shared(skeleton_->bss->group);
  copy.wall = copy_wall(skeleton_->bss->group.wall);
  return copy;
}

std::uint64_t KernelSide::folds() const { return copy_shared(skeleton_->bss->group.folds); }

process_rec KernelSide::read_process(std::uint32_t slot) const {
  constexpr int kTries = 1000;
  process_rec copy{};
  for (int tries = 0; tries < kTries; ++tries) { // until no thread's totals are being added meanwhile
    const std::uint64_t done = copy_shared(processes_[slot].folds_done);
    copy = copy_shared(processes_[slot]);
    if (copy_shared(processes_[slot].folds_begun) == done) break;
  }
  copy.wall = copy_wall(processes_[slot].wall);
  return copy;
}

std::vector<std::uint32_t> KernelSide::take_ended_slots() {
  std::vector<std::uint32_t> ended;
  std::uint32_t slot = 0;
  while (bpf_map_lookup_and_delete_elem(bpf_map__fd(skeleton_->maps.ended_slots), nullptr, &slot) == 0)
    ended.push_back(slot);
  return ended;
}

void KernelSide::give_back_slot(std::uint32_t slot) {
  std::memset(static_cast<void*>(&processes_[slot]), 0, sizeof(process_rec));
  std::atomic_thread_fence(std::memory_order_seq_cst);
  bpf_map_update_elem(bpf_map__fd(skeleton_->maps.free_slots), nullptr, &slot, BPF_ANY);
}

bool KernelSide::probe_calls(std::uint32_t weight) {
  skeleton_->bss->call_slice++;
  skeleton_->data->call_weight = weight;
  calls_.reset(bpf_program__attach(skeleton_->progs.on_sys_exit));
  return calls_ != nullptr;
}

void KernelSide::leave_calls() { calls_.reset(); }

bool KernelSide::use_soft_counters() {
  if (skeleton_->bss->softirqs_distance != 0) return true;
  if (skeleton_->bss->may_find_softs == 0 || std::exchange(sought_soft_counters_, true)) return false;
  const std::optional<SoftCounters> counters = find_soft_counters(btf_path_);
  if (!counters) return false;
  skeleton_->bss->preempt_distance = static_cast<std::uint64_t>(counters->preempt_count);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  skeleton_->bss->softirqs_distance = static_cast<std::uint64_t>(counters->softirqs);
  return true;
}

// Who sees one begin must see its end.
bool KernelSide::probe_softs(std::uint32_t weight) {
  skeleton_->data->soft_weight = weight;
  auto& links = skeleton_->links;
  if (links.on_softirq_exit == nullptr) links.on_softirq_exit = bpf_program__attach(skeleton_->progs.on_softirq_exit);
  if (links.on_softirq_exit == nullptr) return false;
  if (links.on_softirq_entry == nullptr)
    links.on_softirq_entry = bpf_program__attach(skeleton_->progs.on_softirq_entry);
  return links.on_softirq_entry != nullptr;
}

void KernelSide::leave_softs() {
  bpf_link__destroy(std::exchange(skeleton_->links.on_softirq_entry, nullptr));
  bpf_link__destroy(std::exchange(skeleton_->links.on_softirq_exit, nullptr));
}

void KernelSide::shed(Shed shed) {
  if (shed == Shed::kSyscalls) {
    leave_calls();
    skeleton_->bss->call_slice++; // what began in the last one has no end
  }
  if (shed == Shed::kInterrupts) skeleton_->bss->shed |= SHED_WAKERS;
  if (shed == Shed::kPlaces) skeleton_->bss->shed |= SHED_PLACES;
  const std::vector<std::string> names = programs_of(shed);
  const bpf_object_skeleton& all = *skeleton_->skeleton;
  for (int i = 0; i < all.prog_cnt; ++i)
    if (std::find(names.begin(), names.end(), all.progs[i].name) != names.end())
      bpf_link__destroy(std::exchange(*all.progs[i].link, nullptr));
}

std::vector<int> KernelSide::programs() const {
  std::vector<int> programs;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton_->obj) {
    if (const int fd = bpf_program__fd(program); fd >= 0) programs.push_back(fd);
  }
  return programs;
}

std::vector<std::uint64_t> KernelSide::calls_seen() const {
  std::vector<std::uint64_t> calls;
  for (std::uint32_t cpu = 0; cpu < cpus_possible_; ++cpu) calls.push_back(cpus_[cpu].calls);
  return calls;
}

std::vector<std::uint64_t> KernelSide::softs_seen() const {
  std::vector<std::uint64_t> softs(cpus_possible_);
  for (std::uint32_t cpu = 0; cpu < cpus_possible_; ++cpu)
    for (std::uint32_t vector = 0; vector < WIRE_SOFTIRQS; ++vector)
      softs[cpu] += irq(cpu, WIRE_IRQ_LINES + WIRE_VECTORS + vector).count;
  return softs;
}

void KernelSide::set_interpreter(const message_head& question, const Interpreter& answer) {
  process_rec& process = processes_[question.slot];
  if (process.pid != question.pid || process.wall.start_ns != question.process_start_ns) return;
  process.runtime = static_cast<std::uint32_t>(answer.runtime);
  process.gil_start = answer.lock_start;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  process.gil_bytes = answer.lock_bytes;
}

std::vector<Site> KernelSide::read_sites() const {
  constexpr std::uint32_t kBatch = 1024;
  const int map = bpf_map__fd(skeleton_->maps.sites);
  std::vector<site_key> keys(kBatch);
  std::vector<site> values(kBatch);
  std::vector<Site> found;
  std::uint32_t position = 0;
  for (bool first = true, last = false; !last; first = false) {
    std::uint32_t count = kBatch;
    last = bpf_map_lookup_batch(map, first ? nullptr : &position, &position, keys.data(), values.data(), &count,
                                nullptr) != 0;
    if (last && errno != ENOENT) break; // ENOENT: that was all
    for (std::uint32_t i = 0; i < count; ++i) found.push_back({keys[i], values[i]});
  }
  return found;
}

void KernelSide::forget_site(const site_key& key) { bpf_map_delete_elem(bpf_map__fd(skeleton_->maps.sites), &key); }

int KernelSide::handle_message(void* context, void* data, std::size_t size) {
  message copy{};
  std::memcpy(&copy, data, std::min(size, sizeof(copy)));
  static_cast<KernelSide*>(context)->on_message_(copy);
  return 0;
}

void KernelSide::consume_messages() { ring_buffer__consume(ring_.get()); }

int KernelSide::message_fd() const { return ring_buffer__epoll_fd(ring_.get()); }

std::uint32_t KernelSide::slots_in_use() const { return std::min(copy_shared(skeleton_->bss->slots_used) + 1, slots_); }

cpu_total KernelSide::cpu(std::uint32_t cpu) const { return copy_shared(cpus_[cpu]); }

irq_total KernelSide::irq(std::uint32_t cpu, std::uint32_t index) const {
  return copy_shared(irqs_[std::size_t{cpu} * WIRE_IRQS + index]);
}

syscall_total KernelSide::syscall(std::uint32_t cpu, std::uint32_t number) const {
  return copy_shared(syscalls_[std::size_t{cpu} * WIRE_CALLS + number]);
}

std::uint64_t KernelSide::recursion_misses() const { return ctxray::recursion_misses(programs()); }

std::uint64_t recursion_misses(const std::vector<int>& programs) {
  std::uint64_t misses = 0;
  for (const int program : programs) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(program, &info, &size) == 0) misses += info.recursion_misses;
  }
  return misses;
}

} // namespace ctxray
