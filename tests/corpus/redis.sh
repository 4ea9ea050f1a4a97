#!/bin/sh
# A redis server that is idle, or that redis-benchmark keeps busy. Usage: redis.sh idle|busy SECONDS
set -eu
folder=$(mktemp -d)
port=$((20000 + $$ % 20000))
redis-server --port "$port" --dir "$folder" --save '' --daemonize no >"$folder/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait; rm -rf "$folder"' EXIT
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done
if [ "$1" = busy ]; then
	timeout "$2" redis-benchmark -p "$port" -t get,set -n 100000000 -q >/dev/null 2>&1 || true
else
	sleep "$2"
fi
