#!/bin/sh
# PostgreSQL, idle or under pgbench with durable commits. Usage: postgres.sh idle|busy SECONDS
# `serve`: with tables for pgbench; prints its pid and the folder of its socket, and lasts until it is killed.
set -eu
for programs in /usr/lib/postgresql/*/bin; do :; done # the newest
folder=$(mktemp -d -p /var/tmp)
as_postgres() {
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
[ "$(id -u)" != 0 ] || chown postgres "$folder"
as_postgres "$programs/initdb" -D "$folder/data" --no-sync >/dev/null
as_postgres "$programs/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" \
	-o "-c listen_addresses= -c unix_socket_directories=$folder" start
trap 'as_postgres "$programs/pg_ctl" -D "$folder/data" -m fast -s stop; rm -rf "$folder"' EXIT
if [ "$1" = serve ]; then
	trap 'exit 0' TERM INT
	as_postgres "$programs/pgbench" -h "$folder" -i -q postgres >/dev/null 2>&1
	echo "$(head -n 1 "$folder/data/postmaster.pid") $folder"
	while :; do
		sleep 1000 &
		wait $!
	done
elif [ "$1" = busy ]; then
	as_postgres "$programs/pgbench" -h "$folder" -i -q postgres >/dev/null 2>&1
	as_postgres "$programs/pgbench" -h "$folder" -c 2 -T "$2" -n postgres >/dev/null 2>&1
else
	sleep "$2"
fi
