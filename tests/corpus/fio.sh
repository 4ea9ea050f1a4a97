#!/bin/sh
# fio for two seconds on a file that is made before it starts. Usage: fio.sh MEGABYTES OPTION…
set -eu
file=$(mktemp -p /var/tmp)
trap 'rm -f "$file"' EXIT
dd if=/dev/zero of="$file" bs=1M count="$1" conv=fsync status=none
size=$1
shift
fio --name=x --filename="$file" --size="${size}m" --runtime=2 --time_based --bs=4k --thread --output=/dev/null "$@"
