#!/bin/busybox sh
# shellcheck shell=dash  # which is close to it
# The first program of a kernel under test: loads what it needs to read its disk, and goes on there.
export PATH=/bin
busybox mount -t devtmpfs dev /dev
while read -r module; do busybox insmod "/modules/$module"; done </order
while [ ! -b /dev/vda ]; do busybox sleep 0.1; done
busybox mount -t ext4 /dev/vda /disk || busybox poweroff -f
busybox cp /filter /disk/filter
exec busybox switch_root /disk /init
