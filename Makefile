# ctxray: `make` lists the targets, `make run` and `make test` do all that is needed.
# SPDX-License-Identifier: GPL-2.0-or-later

MAKEFLAGS += --no-builtin-rules
# On all CPUs, unless the command line says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BUILD    ?= build
PREFIX   ?= /usr/local
DESTDIR  ?=
V        ?= 0
Q        := $(if $(filter 1,$(V)),,@)

CXX      ?= g++
CLANG    ?= $(or $(shell command -v clang-14 2>/dev/null),clang)
BPFTOOL  ?= $(or $(shell PATH="$$PATH:/usr/sbin" command -v bpftool 2>/dev/null),bpftool)
TRIPLET  := $(shell $(CXX) -print-multiarch 2>/dev/null)
MULTIARCH := /usr/include/$(TRIPLET)
BPF_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(shell uname -m)))
ROOT     := $(if $(filter 0,$(shell id -u)),,sudo)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror
CXXFLAGS ?= -O2 -g
CPPFLAGS += -I. -isystem $(BUILD)/gen
CXXSTD   := -std=c++20
BPFFLAGS := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -I$(MULTIARCH) \
            -Wall -Wextra -Werror -Wno-unused-parameter

USER_SRC  := $(filter-out userspace/main.cc,$(wildcard userspace/*.cc userspace/tui/*.cc))
PROBE_SRC := $(wildcard probes/*.cc)
# What of probes/ is pure is tested without libbpf.
PURE_SRC  := probes/decode.cc probes/plan.cc probes/interrupts.cc probes/ledger.cc probes/sites.cc \
             probes/slices.cc probes/softirqs.cc probes/coroutine_runtimes.cc probes/proc_text.cc probes/privileges.cc
UNIT_SRC  := $(wildcard tests/unit/*.cc)
ROOT_SRC  := $(wildcard tests/root/*.cc) tests/workloads/retry/measure.cc
BENCH_SRC := $(filter-out tests/bench/live.cc,$(wildcard tests/bench/*.cc))
CORPUS_SRC := $(wildcard tests/corpus/*.cc) tests/root/support.cc
RETRY_SRC := $(addprefix tests/workloads/retry/,client.cc line.cc serial.cc processes.cc threads.cc coroutines.cc)
DEMO_SRC  := $(addprefix tests/workloads/retry/,demo.cc measure.cc) tests/root/support.cc
RETRY     := $(addprefix $(BUILD)/workloads/retry/,client server)
WORKLOADS := $(patsubst tests/workloads/%,$(BUILD)/workloads/%,$(basename $(wildcard tests/workloads/*.cc tests/workloads/*.go))) $(RETRY)

SKELETON   := $(patsubst bpf/%.bpf.c,$(BUILD)/gen/%.skel.h,$(wildcard bpf/*.bpf.c))
SYSCALLS   := $(BUILD)/gen/syscalls.inc $(BUILD)/gen/syscalls_compat.inc $(BUILD)/gen/syscalls_generic.inc

object = $(patsubst %.cc,$(BUILD)/%.o,$(1))

USER_LIBS  := -lfmt -lutf8proc -lncursesw -ltinfo
PROBE_LIBS := -lbpf -lelf

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: all
all: $(BUILD)/ctxray ## build build/ctxray

.PHONY: deps
deps: ## install the Debian packages that are missing (as root or with sudo)
	$(Q)tests/install-deps.sh

# Commands that a newcomer types first bring what they need; afterwards this costs one look at a stamp.
$(BUILD)/deps.stamp: tests/packages tests/install-deps.sh
	$(Q)tests/install-deps.sh
	$(Q)mkdir -p $(@D) && touch $@

.PHONY: run
run: $(BUILD)/deps.stamp ## profile a bundled workload; CMD='…' your command, PID=… what runs already
	$(Q)$(MAKE) --no-print-directory all $(BUILD)/workloads/phases
	$(Q)$(ROOT) $(BUILD)/ctxray $(if $(PID),attach -p $(PID),run -- $(or $(CMD),$(BUILD)/workloads/phases))

.PHONY: top
top: $(BUILD)/deps.stamp ## watch the whole machine
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(ROOT) $(BUILD)/ctxray top

.PHONY: test
test: $(BUILD)/deps.stamp ## build and pass every test (without root: the unit tests)
	$(Q)$(MAKE) --no-print-directory test-unit
	$(Q)$(MAKE) --no-print-directory test-fuzz
ifeq ($(ROOT),)
	$(Q)$(MAKE) --no-print-directory test-root
	$(Q)$(MAKE) --no-print-directory test-corpus-quick
else
	@echo "NOT RUN: the root tests, for want of root. \`sudo make test-root\` runs them."
endif

.PHONY: test-unit
test-unit: $(BUILD)/unit-tests ## the tests that need no root
	$(Q)$(BUILD)/unit-tests --gtest_brief=1

.PHONY: test-root
test-root: $(BUILD)/root-tests $(BUILD)/ctxray $(WORKLOADS) ## the tests against this kernel
	$(Q)$(BUILD)/root-tests --gtest_brief=1

# The whole of what `make test` has a small part of.
.PHONY: test-faults
test-faults: $(BUILD)/deps.stamp ## storms, faults, limits and kills in full length, with the figures reached
	$(Q)$(MAKE) --no-print-directory $(BUILD)/root-tests $(BUILD)/ctxray $(WORKLOADS)
	$(Q)CTXRAY_LONG=1 $(BUILD)/root-tests --gtest_brief=1 --gtest_filter='Storms.*:Halts.*:Limits.*:Faults.*:Residue.*'

# Fuzzers. A short run is part of the tests and the same each time; a long one keeps what it finds for the next.
FUZZ       := $(BUILD)/fuzz
FUZZERS    := $(basename $(notdir $(wildcard tests/fuzz/*.cc)))
FUZZ_SRC   := $(filter-out userspace/tui/screen.cc userspace/tui/front_end.cc userspace/live_view.cc,$(USER_SRC)) \
              $(PURE_SRC) probes/mappings.cc
# Of UBSan what input alone can bring about; the rest of it, which takes long to compile, is in test-sanitize.
FUZZ_FLAGS := -fno-sanitize-recover=all \
  -fsanitize=address,signed-integer-overflow,integer-divide-by-zero,shift,bounds,enum,bool,float-cast-overflow
FUZZ_RUN   := -timeout=10 -rss_limit_mb=2048 -max_len=4096 -artifact_prefix=$(FUZZ)/
# So many that each takes about three seconds.
FUZZ_RUNS_decode    := 150000
FUZZ_RUNS_keys      := 100
FUZZ_RUNS_options   := 1000
FUZZ_RUNS_proc_text := 200000
FUZZ_RUNS_report    := 250
FUZZ_RUNS_text      := 2000

.PHONY: test-fuzz
test-fuzz: $(addprefix test-fuzz-,$(FUZZERS)) ## a short run of all fuzzers

.PHONY: $(addprefix test-fuzz-,$(FUZZERS))
$(addprefix test-fuzz-,$(FUZZERS)): test-fuzz-%: $(FUZZ)/%
	$(Q)rm -rf $(FUZZ)/short/$* && mkdir -p $(FUZZ)/short && cp -r tests/fuzz/corpus/$* $(FUZZ)/short/
	$(Q)$< $(FUZZ_RUN) -seed=1 -runs=$(FUZZ_RUNS_$*) $(FUZZ)/short/$* >$(FUZZ)/$*.log 2>&1 \
	  || { tail -n 50 $(FUZZ)/$*.log; exit 1; }

.PHONY: fuzz
fuzz: $(BUILD)/deps.stamp ## run each fuzzer for SECONDS (600); ONLY=decode one of them
	$(Q)$(MAKE) --no-print-directory $(addprefix $(FUZZ)/,$(or $(ONLY),$(FUZZERS)))
	$(Q)for fuzzer in $(or $(ONLY),$(FUZZERS)); do mkdir -p $(FUZZ)/found/$$fuzzer && \
	  $(FUZZ)/$$fuzzer $(FUZZ_RUN) -max_total_time=$(or $(SECONDS),600) \
	    $(FUZZ)/found/$$fuzzer tests/fuzz/corpus/$$fuzzer || exit 1; done

# The fuzzers themselves need no looking into.
$(FUZZ)/%.o: %.cc | $(SKELETON) $(SYSCALLS)
	@mkdir -p $(@D)
	@echo "  FUZZ  $@"
	$(Q)$(CLANG) --driver-mode=g++ $(CXXSTD) $(WARNINGS) $(CPPFLAGS) -O1 -g1 \
	  $(if $(filter tests/%,$<),,$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link) -MD -MP -c $< -o $@

.PRECIOUS: $(FUZZ)/%.o

$(FUZZ)/code.a: $(patsubst %.cc,$(FUZZ)/%.o,$(FUZZ_SRC))
	@rm -f $@
	$(Q)ar rcs $@ $^

$(addprefix $(FUZZ)/,$(FUZZERS)): $(FUZZ)/%: $(FUZZ)/tests/fuzz/%.o $(FUZZ)/code.a
	@echo "  LINK  $@"
	$(Q)$(CLANG) --driver-mode=g++ $(FUZZ_FLAGS) -fsanitize=fuzzer $^ $(USER_LIBS) -o $@

# Sanitizers look into ctxray; what watches it and what it watches is built as ever. ASan keeps freed memory for a while,
# up to so much; a leak is an error at the end of each process. Of its own <regex>, GCC 12 warns with them.
SANITIZED      := $(BUILD)/sanitize
SANITIZERS     := -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all
SANITIZE_FLAGS := -O1 -g1 -fno-omit-frame-pointer -Wno-maybe-uninitialized $(SANITIZERS)
SANITIZE_TESTS := $(addprefix $(SANITIZED)/,unit-tests root-tests ctxray threads)
SANITIZE       := env UBSAN_OPTIONS=print_stacktrace=1 CTXRAY_PROGRAM=$(SANITIZED)/ctxray \
                  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:quarantine_size_mb=8 \
                  LSAN_OPTIONS=print_suppressions=0:suppressions=$(abspath tests/sanitize/leaks)
# ASan reads its own layout from /proc, cannot begin where memory is short, and keeps for itself more and more of it.
SANITIZE_WITHOUT := Faults.WithoutProc*:Limits.WithoutMemoryToBegin*:Soak.*
sanitized       = $(patsubst %.cc,$(SANITIZED)/%.o,$(1))

.PHONY: test-sanitize
test-sanitize: $(BUILD)/deps.stamp ## the unit and root tests under ASan, UBSan and LSan; what has threads under TSan
	$(Q)$(MAKE) --no-print-directory $(SANITIZE_TESTS) $(WORKLOADS)
	$(Q)TSAN_OPTIONS=halt_on_error=1 $(SANITIZED)/threads
	$(Q)$(SANITIZE) $(SANITIZED)/unit-tests --gtest_brief=1
	$(Q)$(ROOT) $(SANITIZE) $(SANITIZED)/root-tests --gtest_brief=1 --gtest_filter='-$(SANITIZE_WITHOUT)'

$(SANITIZED)/%.o: %.cc | $(SKELETON) $(SYSCALLS)
	@mkdir -p $(@D)
	@echo "  CXX   $@"
	$(Q)$(CXX) $(CXXSTD) $(WARNINGS) $(CPPFLAGS) $(SANITIZE_FLAGS) -MD -MP -c $< -o $@

# What is under test comes first: of functions in headers, the linker takes its copy.
$(SANITIZED)/ctxray: $(call sanitized,userspace/main.cc $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(SANITIZERS) $^ $(USER_LIBS) $(PROBE_LIBS) -o $@

$(SANITIZED)/unit-tests: $(call sanitized,$(USER_SRC) $(PURE_SRC)) $(call object,$(UNIT_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(SANITIZERS) $^ $(USER_LIBS) -lgtest -lgtest_main -lpthread -o $@

$(SANITIZED)/root-tests: $(call sanitized,$(USER_SRC) $(PROBE_SRC)) $(call object,$(ROOT_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(SANITIZERS) $^ $(USER_LIBS) $(PROBE_LIBS) -lgtest -lgtest_main -lpthread -o $@

$(SANITIZED)/threads: tests/sanitize/threads.cc probes/cost_games.cc userspace/error.cc $(wildcard probes/*.h)
	@mkdir -p $(@D)
	@echo "  TSAN  $@"
	$(Q)$(CXX) $(CXXSTD) $(WARNINGS) $(CPPFLAGS) -O1 -g1 -fsanitize=thread $(filter %.cc,$^) -lpthread -o $@

.PHONY: test-memory
test-memory: $(BUILD)/deps.stamp ## no leak over SECONDS (600), memory flat over LIFETIMES (1000000) of processes
	$(Q)tests/install-deps.sh tests/sanitize/packages
	$(Q)$(MAKE) --no-print-directory $(addprefix $(BUILD)/,unit-tests root-tests ctxray) $(WORKLOADS)
	$(Q)valgrind -q --error-exitcode=9 --leak-check=full $(BUILD)/unit-tests --gtest_brief=1
	$(Q)$(ROOT) tests/sanitize/attach.sh $(BUILD) $(or $(SECONDS),600)
	$(Q)$(ROOT) env CTXRAY_LIFETIMES=$(or $(LIFETIMES),1000000) $(BUILD)/root-tests --gtest_filter='Soak.*'

.PHONY: test-corpus
test-corpus: $(BUILD)/deps.stamp ## judge programs whose answer is known; ARGS='--load --times 5 --only redis'
	$(Q)tests/install-deps.sh tests/corpus/packages
	$(Q)$(MAKE) --no-print-directory $(BUILD)/corpus $(BUILD)/ctxray $(WORKLOADS)
	$(Q)$(BUILD)/corpus $(ARGS)

.PHONY: test-corpus-quick
test-corpus-quick: $(BUILD)/corpus $(BUILD)/ctxray $(WORKLOADS)
	$(Q)$(BUILD)/corpus --quick --again 2

# The kernel matrix: the built tests under other kernels; and other architectures.
.PHONY: test-kernels
test-kernels: $(BUILD)/deps.stamp ## boot Debian's kernels and pass the root tests in each; KERNELS='linux-image-cloud-amd64'
	$(Q)tests/install-deps.sh tests/kernels/packages
	$(Q)$(MAKE) --no-print-directory $(BUILD)/root-tests $(BUILD)/ctxray $(WORKLOADS)
	$(Q)tests/kernels/run.sh $(BUILD) $(KERNELS)

.PHONY: check-arm64
check-arm64: $(BUILD)/deps.stamp ## build for arm64, and pass there what tests its registers and tables
	$(Q)tests/install-deps.sh tests/arm64/packages
	$(Q)CPPFLAGS='-DFMT_HEADER_ONLY -idirafter /usr/include' CXXFLAGS=-O1 $(MAKE) --no-print-directory \
	  BUILD=$(BUILD)/arm64 CXX=aarch64-linux-gnu-g++ BPF_ARCH=arm64 MULTIARCH=/usr/aarch64-linux-gnu/include \
	  $(BUILD)/arm64/arch-tests $(BUILD)/arm64/objects
	$(Q)tests/arm64/check.sh $(BUILD)/arm64

# What the architecture decides, with what it needs of ours; the libraries of the rest are not here for arm64.
ARM64_SRC := $(addprefix tests/unit/,wait_policy_test.cc decode_test.cc plan_test.cc sites_test.cc) \
             probes/decode.cc probes/plan.cc probes/sites.cc \
             userspace/wait_policy.cc userspace/sample.cc userspace/error.cc
$(BUILD)/arch-tests: $(call object,$(ARM64_SRC)) $(BUILD)/gtest.o $(BUILD)/gtest_main.o
	@echo "  LINK  $@"
	$(Q)$(CXX) -static $^ -lpthread -o $@

$(BUILD)/gtest.o: /usr/src/googletest/googletest/src/gtest-all.cc
$(BUILD)/gtest_main.o: /usr/src/googletest/googletest/src/gtest_main.cc
$(BUILD)/gtest.o $(BUILD)/gtest_main.o:
	@mkdir -p $(@D)
	@echo "  CXX   $@"
	$(Q)$(CXX) $(CXXSTD) -O1 -I/usr/src/googletest/googletest $(CPPFLAGS) -c $< -o $@

.PHONY: $(BUILD)/objects
$(BUILD)/objects: $(call object,userspace/main.cc $(USER_SRC) $(PROBE_SRC))

.PHONY: demo-retry
demo-retry: $(BUILD)/deps.stamp ## retry by processes, threads and coroutines under ctxray; ARGS='--width 16 --reports'
	$(Q)$(MAKE) --no-print-directory $(BUILD)/demo-retry $(BUILD)/ctxray $(RETRY)
	$(Q)$(ROOT) $(BUILD)/demo-retry $(ARGS)

.PHONY: bench
bench: $(BUILD)/deps.stamp ## cost beside other tools, which it installs; ARGS='--rounds 9 --part costs --tool ctxray'
	$(Q)tests/install-deps.sh tests/bench/packages
	$(Q)$(MAKE) --no-print-directory $(BUILD)/bench $(BUILD)/ctxray $(WORKLOADS)
	$(Q)$(ROOT) $(BUILD)/bench $(ARGS)

.PHONY: bench-live
bench-live: $(BUILD)/bench-live $(BUILD)/ctxray $(WORKLOADS) ## cost of the live view at 5,000 processes of two threads
	$(Q)$(BUILD)/bench-live

.PHONY: lint
lint: $(BUILD)/deps.stamp ## check format, clang-tidy, the include rules and shell scripts
	$(Q)$(MAKE) --no-print-directory $(SKELETON) $(BUILD)/gen/empty.skel.h $(SYSCALLS)
	$(Q)tests/lint.sh $(BUILD)

.PHONY: format
format: ## put all sources into the project's format
	$(Q)clang-format-14 -i $$(git ls-files '*.cc' '*.h' '*.c')

.PHONY: install
install: $(BUILD)/ctxray ## install under $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/ctxray $(DESTDIR)$(PREFIX)/bin/ctxray

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/ctxray

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	@echo "  BPF   $@"
	$(Q)$(CLANG) $(BPFFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/gen/%.skel.h: $(BUILD)/bpf/%.bpf.o
	@mkdir -p $(@D)
	@echo "  SKEL  $@"
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

# What only patterns name would be removed after the first build, and all be built again by the second.
.PRECIOUS: $(BUILD)/bpf/%.bpf.o $(BUILD)/gen/%.skel.h

$(BUILD)/bench.bpf.o: tests/bench/empty.bpf.c
	@mkdir -p $(@D)
	@echo "  BPF   $@"
	$(Q)$(CLANG) $(BPFFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/gen/empty.skel.h: $(BUILD)/bench.bpf.o
	@mkdir -p $(@D)
	@echo "  SKEL  $@"
	$(Q)$(BPFTOOL) gen skeleton $< name empty_bpf > $@

# Names and numbers of this architecture's system calls, of the 32-bit ones that its kernel serves too, and of the
# architectures that share one table, from the C library's headers.
SYSCALL_HEADER_syscalls := sys/syscall.h
SYSCALL_HEADER_syscalls_compat := $(if $(filter x86,$(BPF_ARCH)),asm/unistd_32.h,stddef.h)
SYSCALL_HEADER_syscalls_generic := asm-generic/unistd.h
$(BUILD)/gen/%.inc: Makefile
	@mkdir -p $(@D)
	@echo "  GEN   $@"
	$(Q)echo '#include <$(SYSCALL_HEADER_$*)>' | $(CXX) -E -dM - \
	  | sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$$/{"\1", \2},/p' | sort -t, -k2n > $@

.PRECIOUS: $(BUILD)/gen/%.inc

# What only tests takes longer to compile than to run.
$(BUILD)/tests/unit/%.o $(BUILD)/tests/root/%.o $(BUILD)/tests/corpus/%.o: CXXFLAGS := $(filter-out -O%,$(CXXFLAGS)) -O0

# -MD, not -MMD: the generated headers are system headers to keep warnings out of them.
$(BUILD)/%.o: %.cc | $(SKELETON) $(SYSCALLS)
	@mkdir -p $(@D)
	@echo "  CXX   $@"
	$(Q)$(CXX) $(CXXSTD) $(WARNINGS) $(CPPFLAGS) $(CXXFLAGS) -MD -MP -c $< -o $@

$(BUILD)/ctxray: $(call object,userspace/main.cc $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) $(PROBE_LIBS) -o $@

# No libbpf here: what is pure must stay so, or this does not link.
$(BUILD)/unit-tests: $(call object,$(UNIT_SRC) $(USER_SRC) $(PURE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) -lgtest -lgtest_main -lpthread -o $@

$(BUILD)/root-tests: $(call object,$(ROOT_SRC) $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) $(PROBE_LIBS) -lgtest -lgtest_main -lpthread -o $@

$(BUILD)/corpus: $(call object,$(CORPUS_SRC) $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) $(PROBE_LIBS) -lgtest -lpthread -o $@

$(call object,tests/bench/tools.cc): | $(BUILD)/gen/empty.skel.h
$(BUILD)/bench: $(call object,$(BENCH_SRC) tests/root/support.cc $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) $(PROBE_LIBS) -lgtest -lpthread -o $@

$(BUILD)/bench-live: $(call object,tests/bench/live.cc tests/root/support.cc $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) $(PROBE_LIBS) -lgtest -lpthread -o $@

$(BUILD)/demo-retry: $(call object,$(DEMO_SRC) $(USER_SRC) $(PROBE_SRC))
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ $(USER_LIBS) $(PROBE_LIBS) -lgtest -lpthread -o $@

$(BUILD)/workloads/retry/client: $(call object,$(RETRY_SRC))
$(BUILD)/workloads/retry/server: $(call object,tests/workloads/retry/server.cc)
$(RETRY):
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(CXX) $(LDFLAGS) $^ -lpthread -o $@

$(BUILD)/workloads/%: tests/workloads/%.cc tests/workloads/common.h
	@mkdir -p $(@D)
	@echo "  CXX   $@"
	$(Q)$(CXX) $(CXXSTD) $(WARNINGS) -O2 -g -MMD -MP -MF $@.d $< -lpthread -o $@

$(BUILD)/workloads/%: tests/workloads/%.go
	@mkdir -p $(@D)
	@echo "  GO    $@"
	$(Q)GOCACHE=$(abspath $(BUILD))/go-cache GOFLAGS=-buildvcs=false go build -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
