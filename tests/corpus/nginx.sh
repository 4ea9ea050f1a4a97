#!/bin/sh
# nginx with one worker, idle or under wrk. Usage: nginx.sh idle|busy SECONDS
set -eu
folder=$(mktemp -d)
chmod 755 "$folder"
port=$((20000 + $$ % 20000))
echo hello >"$folder/index.html"
cat >"$folder/nginx.conf" <<END
worker_processes 1;
daemon off;
pid $folder/pid;
error_log $folder/error.log;
events { worker_connections 512; }
http { access_log off; server { listen 127.0.0.1:$port; root $folder; } }
END
nginx -c "$folder/nginx.conf" >"$folder/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait; rm -rf "$folder"' EXIT
until [ -s "$folder/pid" ]; do sleep 0.05; done
if [ "$1" = busy ]; then
	wrk -t 1 -c 32 -d "$2" "http://127.0.0.1:$port/" >/dev/null
else
	sleep "$2"
fi
