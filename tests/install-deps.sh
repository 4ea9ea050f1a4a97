#!/bin/sh
# Installs the Debian packages that are missing of those named in a list, tests/packages if none is given, after naming
# them. Usage: install-deps.sh [LIST]
set -eu
list=${1:-$(dirname "$0")/packages}
missing=
while read -r package; do
	case $package in '' | '#'*) continue ;; esac
	# shellcheck disable=SC2016  # the format string is dpkg-query's
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done <"$list"
[ -n "$missing" ] || exit 0
echo "Installing:$missing"
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "These packages are missing and need root to install:$missing" >&2
		exit 1
	}
	sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086  # one word a package
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
