#!/bin/busybox sh
# shellcheck shell=dash  # which is close to it
# The first program on the disk of a kernel under test: readies what a running system has, runs the tests, and ends the
# machine. The last line that it prints tells their status.
export PATH=/usr/bin:/usr/sbin HOME=/root LC_ALL=C.UTF-8 TERM=dumb
alias mount='busybox mount'

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
busybox mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tracefs tracefs /sys/kernel/tracing
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
busybox ln -sf /proc/self/fd /dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do busybox ln -sf "/proc/self/fd/${stream%:*}" "/dev/${stream#*:}"; done
busybox hostname kernel-under-test
busybox ip link set lo up
cd /ctxray || busybox poweroff -f

echo "ctxray-kernels: up, Linux $(busybox uname -r)"
# shellcheck disable=SC2046  # words of the command line
build/root-tests --gtest_filter="$(busybox cat /filter)" --gtest_color=no </dev/null
status=$?
echo "ctxray-kernels: tests ended with status $status"

# Nothing undoes a lockdown but another boot, so this comes last.
lock() { echo "$1" >/sys/kernel/security/lockdown; }
if lock integrity && build/ctxray run -- true 2>/dev/null; then
	echo "ctxray-kernels: works under lockdown=integrity"
fi
if lock confidentiality && ! said=$(build/ctxray run -- true 2>&1) &&
	echo "$said" | grep -q 'boot without lockdown=confidentiality'; then
	echo "ctxray-kernels: says what lockdown=confidentiality forbids"
fi
busybox sync
busybox poweroff -f
