#!/bin/sh
# Fetches a kernel as Debian packages it, and unpacks it without installing it. What is there already is not fetched.
# Usage: fetch.sh PACKAGE FOLDER; afterwards FOLDER has vmlinuz, release and lib/modules.
set -eu
package=$1 folder=$2

newest() { # the kernel that the package stands for now
	apt-cache depends "$package" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

mkdir -p "$folder"
cd "$folder"
image=$(newest)
[ -n "$image" ] || {
	${CTXRAY_SUDO:-} apt-get update -qq
	image=$(newest)
}
if [ -z "$image" ]; then
	[ -f fetched ] && exit 0 # the archive has it no longer
	echo "Debian's archive offers no $package here: take it out of tests/kernels/list" >&2
	exit 1
fi
[ "$(cat fetched 2>/dev/null)" != "$image" ] || exit 0
rm -rf unpacked lib vmlinuz fetched ./*.deb
apt-get download -qq "$image" 2>&1 | grep -v 'unsandboxed as root' || true
mkdir unpacked
dpkg-deb -x linux-image-*.deb unpacked
mv unpacked/boot/vmlinuz-* vmlinuz
mkdir lib
mv unpacked/lib/modules lib/ 2>/dev/null || mv unpacked/usr/lib/modules lib/
rm -rf unpacked ./*.deb
ls lib/modules >release
/sbin/depmod -b . "$(cat release)"
echo "$image" >fetched
