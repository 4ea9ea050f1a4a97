#!/bin/sh
# Runs a command on a disk that answers 1,000 reads and as many writes a second, so that how fast this machine's disk and
# CPUs are today does not decide which of them a program waits for. Where they cannot be limited, on the disk as it is.
# Usage: slow_disk.sh COMMAND…
set -eu
device=$(stat -c %Hd:%Ld /var/tmp)
block="/sys/dev/block/$device"
if [ -e "$block/partition" ]; then device=$(cat "$block/../dev"); fi
if [ -e /sys/fs/cgroup/blkio ]; then
  root=/sys/fs/cgroup/blkio
  limits="blkio.throttle.read_iops_device blkio.throttle.write_iops_device" rate=1000
else
  root=/sys/fs/cgroup limits="io.max" rate="riops=1000 wiops=1000"
  echo +io >"$root/cgroup.subtree_control" 2>/dev/null || true
fi
group="$root/ctxray-slow-disk-$$"
if mkdir "$group" 2>/dev/null; then
  for limit in $limits; do echo "$device $rate" 2>/dev/null >"$group/$limit" || true; done
  echo $$ >"$group/cgroup.procs"
fi
status=0
"$@" || status=$?
echo $$ >"$root/cgroup.procs" || true
rmdir "$group" || true
exit $status
