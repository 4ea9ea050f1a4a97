#!/bin/sh
# Checks format, clang-tidy, the include rules of the house, and shell scripts. Argument: the build folder.
set -eu
build=$1
cd "$(dirname "$0")/.."
failed=0

note() {
	echo "lint: $*" >&2
	failed=1
}

pick() { # the newest of a tool that is installed: pick clang-format
	command -v "$1-14" || command -v "$1"
}

# What each folder may include from the others; only main.cc sees both sides.
check_includes() { # folder, pattern of allowed project headers
	found=$(grep -rnE '^#include "' "$1" --include='*.cc' --include='*.h' --include='*.c' |
		grep -v '^userspace/main\.cc:' | grep -vE "#include \"($2)" || true)
	[ -z "$found" ] || note "$1 may not include this:
$found"
}
check_includes bpf '[a-z_]+(\.bpf)?\.h"'
check_includes userspace 'userspace/|syscalls(_compat)?\.inc"'
check_includes probes 'probes/|bpf/wire\.h"|userspace/|[a-z]+\.skel\.h"'
found=$(grep -rnE '#include <(bpf/|bcc|linux/capability)|/proc' userspace --include='*.cc' --include='*.h' |
	grep -v '^userspace/main\.cc:' | grep -vE '(//|").*/proc' || true)
[ -z "$found" ] || note "userspace is pure:
$found"

files=$(git ls-files '*.cc' '*.h' '*.c')
# shellcheck disable=SC2086  # one word a file
"$(pick clang-format)" --dry-run --Werror $files || note "clang-format: \`make format\` mends it"

git ls-files '*.sh' .ci/run | xargs shellcheck || note "shellcheck"

# shellcheck disable=SC2016  # the inner shell expands them
git ls-files 'userspace/*.cc' 'probes/*.cc' 'tests/*.cc' |
	xargs -P "$(nproc)" -n 1 sh -c '"$0" --quiet "$2" -- -std=c++20 -I. -isystem "$1/gen" 2>/dev/null' \
		"$(pick clang-tidy)" "$build" || note "clang-tidy"

[ $failed = 0 ] && echo "lint: all clean"
exit $failed
