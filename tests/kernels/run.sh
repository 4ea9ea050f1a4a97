#!/bin/sh
# Boots each kernel of the list and runs the tests that ran on this one. Fails where one of them fails, where a kernel
# panics, warns or hangs, and where it says nothing.
# Usage: run.sh BUILD [PACKAGE…]; without packages all of tests/kernels/list. CTXRAY_FILTER: tests as of GoogleTest.
set -eu
build=$1
shift
here=tests/kernels
work=$build/kernels
limit_s=${CTXRAY_LIMIT_S:-1080} # for all kernels, with emulation on two CPUs

words() { # of a list, without its comments: the first of each line
	sed 's/#.*//' "$1" | awk 'NF { print $1 }'
}

# What a kernel needs to find its disk, then the disk's first program.
make_initramfs() { # folder of the kernel
	part=$1/initramfs.d
	rm -rf "$part"
	mkdir -p "$part/bin" "$part/modules" "$part/disk" "$part/dev" "$part/proc"
	cp /bin/busybox "$part/bin/busybox"
	for module in virtio_pci virtio_blk ext4; do
		/sbin/modprobe -d "$1" -S "$(cat "$1/release")" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
		cp "$module" "$part/modules/"
		basename "$module" >>"$part/order"
	done
	cp "$here/init-disk.sh" "$part/init"
	chmod 755 "$part/init"
	tests_to_run >"$part/filter"
	(cd "$part" && find . | cpio -o -H newc --quiet) >"$1/initramfs"
	rm -rf "$part"
}

# All tests, but for those that are left to the host.
tests_to_run() {
	if [ -n "${CTXRAY_FILTER:-}" ]; then
		echo "$CTXRAY_FILTER"
	else
		echo "*-$(words "$here/left-to-host" | paste -sd:)"
	fi
}

boot() { # folder of the kernel, accelerator, most seconds
	timeout --foreground "$3" qemu-system-x86_64 -accel "$2" -cpu max,la57=off -smp 2 -m 2G -nodefaults -no-user-config \
		-display none -no-reboot -serial stdio -kernel "$1/vmlinuz" -initrd "$1/initramfs" \
		-append "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic tsc=reliable clocksource=tsc mitigations=off" \
		-drive "file=$work/root.img,if=virtio,format=raw,cache=unsafe,snapshot=on" </dev/null >"$1/log" 2>&1
}

# KVM where it boots a kernel: it can be there and not work. Emulation does everywhere, its CPUs in turns: where they run
# at once, one can meet the breakpoint of a kernel that patches its own code (a tracepoint, BPF statistics) after the
# kernel has taken it back, and panics.
choose_accelerator() { # folder of a kernel
	if [ -w /dev/kvm ]; then
		CTXRAY_FILTER=none make_initramfs "$1"
		boot "$1" kvm 15 || true
		! grep -q '^ctxray-kernels: up' "$1/log" || {
			echo kvm
			return
		}
	fi
	echo tcg,thread=single
}

boot_timed() { # folder of the kernel, accelerator
	begin=$(date +%s)
	boot "$1" "$2" "$limit_s" || echo "no end within $limit_s s, or none in order" >>"$1/log"
	echo $(($(date +%s) - begin)) >"$1/seconds"
}

judge() { # folder of the kernel
	log=$1/log
	tr -d '\r' <"$log" >"$log.plain" && mv "$log.plain" "$log"
	said=$(grep -E '^ctxray-kernels:|tests ran|\[  (PASSED|FAILED)  \]' "$log" | sed 's/^/    /')
	echo "$(cat "$1/fetched"), $(cat "$1/seconds") s"
	echo "$said"
	for line in 'tests ended with status 0' 'works under lockdown=integrity' \
		'says what lockdown=confidentiality forbids'; do
		grep -qx "ctxray-kernels: $line" "$log" || {
			echo "    missing: $line"
			return 1
		}
	done
	! grep -E 'Kernel panic|BUG:|WARNING:|Oops|soft lockup|rcu: INFO' "$log"
}

mkdir -p "$work"
# shellcheck disable=SC2046  # one word a package
[ $# -gt 0 ] || set -- $(words "$here/list")
for package; do $here/fetch.sh "$package" "$work/$package"; done
newer=$(find "$build/ctxray" "$build/root-tests" "$build/workloads" tests/workloads "$here/root.sh" "$here/init.sh" \
	-newer "$work/root.img" 2>/dev/null || echo none)
[ -z "$newer" ] || $here/root.sh "$build" "$work/root.img"
accelerator=$(choose_accelerator "$work/$1")
echo "kernels boot by $accelerator"
for package; do
	make_initramfs "$work/$package"
	boot_timed "$work/$package" "$accelerator" &
done
wait
failed=0
for package; do
	judge "$work/$package" || {
		failed=1
		tail -n 30 "$work/$package/log"
	}
done
exit $failed
