#!/bin/sh
# Checks what was built for arm64: registers that the BPF programs read, and the tests of what the architecture decides.
# Usage: check.sh BUILD
set -eu
build=$1
bpftool=$(PATH="$PATH:/usr/sbin" command -v bpftool)

# The fields of saved registers that the programs ask of the kernel's types.
fields=$("$bpftool" btf dump file "$build/bpf/ctxray.bpf.o" |
	awk '/^\[[0-9]+\]/ { in_regs = / STRUCT .pt_regs./ } in_regs && $1 ~ /^\x27/ { print $1 }' | tr -d "'" | tr '\n' ' ')
for field in orig_x0 syscallno; do
	case " $fields" in
	*" $field "*) ;;
	*)
		echo "arm64: the programs do not read $field, but: $fields" >&2
		exit 1
		;;
	esac
done
for field in orig_ax di; do
	case " $fields" in
	*" $field "*)
		echo "arm64: the programs read $field, a register of x86: $fields" >&2
		exit 1
		;;
	esac
done
qemu-aarch64 "$build/arch-tests" --gtest_brief=1
