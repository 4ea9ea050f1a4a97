#!/bin/sh
# Runs a command on a disk that answers 1,000 reads a second, so that how fast this machine's disk and CPUs are today
# does not decide which of them a program waits for. Where reads cannot be limited, on the disk as it is.
# Usage: slow_disk.sh COMMAND…
set -eu
device=$(stat -c %Hd:%Ld /var/tmp)
block="/sys/dev/block/$device"
if [ -e "$block/partition" ]; then device=$(cat "$block/../dev"); fi
if [ -e /sys/fs/cgroup/blkio ]; then
  root=/sys/fs/cgroup/blkio limit="blkio.throttle.read_iops_device" rate=1000
else
  root=/sys/fs/cgroup limit="io.max" rate="riops=1000"
  echo +io >"$root/cgroup.subtree_control" 2>/dev/null || true
fi
group="$root/ctxray-slow-disk-$$"
if mkdir "$group" 2>/dev/null && echo "$device $rate" 2>/dev/null >"$group/$limit"; then
  echo $$ >"$group/cgroup.procs"
fi
status=0
"$@" || status=$?
echo $$ >"$root/cgroup.procs"
rmdir "$group" || true
exit $status
