#!/bin/sh
# Watches the whole machine under valgrind while processes come and go. Arguments: the build folder, seconds.
set -eu
build=$1
seconds=$2
"$build/workloads/lifetimes" 100 >/dev/null &
crowd=$!
(while sleep 1 && kill -USR1 "$crowd" 2>/dev/null; do :; done) &
trap 'kill "$crowd"' EXIT
status=0
# valgrind knows not all commands of bpf(2), which it says each time; it hands them on as they are.
valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=definite,possible \
	--suppressions=tests/sanitize/libbpf.supp --log-file="$build/valgrind.log" \
	"$build/ctxray" attach --all -d "$seconds" --interval 1 -o "$build/valgrind.txt" >/dev/null || status=$?
grep -v 'WARNING: unhandled eBPF command' "$build/valgrind.log" || true
tail -n 2 "$build/valgrind.txt"
exit $status
