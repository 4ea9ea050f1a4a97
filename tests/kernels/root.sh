#!/bin/sh
# Makes the disk that the kernels under test boot from: the built programs, and of this system what the tests start.
# Usage: root.sh BUILD IMAGE
set -eu
build=$1 image=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# Where the tests run is the project's folder there: they name their programs from it.
home=$root/ctxray

programs='sh env cat cp chrt dd echo false find grep head id kill ls mkdir mktemp mount openssl perf pgrep python3 rm script
	setcap getcap setpriv sha256sum sleep sort strace stty tail tmux touch true unshare wc xz'
# Opened at run time, or by name.
libraries='libbcc.so.0'
files='/etc/passwd /etc/group /etc/nsswitch.conf /etc/ssl/openssl.cnf /usr/lib/locale/C.utf8
	/lib/terminfo/d/dumb /lib/terminfo/s/screen /lib/terminfo/t/tmux /lib/terminfo/t/tmux-256color
	/lib/terminfo/x/xterm /lib/terminfo/x/xterm-256color /lib/terminfo/v/vt100'

place() { # a file or folder under the path that it has here
	[ -e "$1" ] || return 0
	mkdir -p "$root$(dirname "$1")"
	cp -rL "$1" "$root$1"
}

for folder in bin sbin lib lib64; do
	mkdir -p "$root/usr/$folder"
	ln -s "usr/$folder" "$root/$folder"
done
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/root" "$root/var" "$home/$build" "$home/tests"
mkdir -m 1777 "$root/tmp" "$root/var/tmp"
place /bin/busybox
for program in $programs; do
	for folder in /usr/bin /usr/sbin; do place "$folder/$program"; done
done
for file in $files; do place "$file"; done
for library in $libraries; do
	place "$(/sbin/ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')"
done

# Python's own modules, but what no test has use for.
python=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
place "$python"
for part in test idlelib lib2to3 ensurepip tkinter turtledemo pydoc_data distutils; do rm -rf "${root:?}$python/$part"; done
rm -rf "$root$python"/config-*
place /usr/lib/python3/dist-packages/greenlet

# What is built, without the debugger's part.
for program in ctxray root-tests; do strip -g -o "$home/$build/$program" "$build/$program"; done
(cd "$build" && find workloads -type f -perm -u+x) | while read -r program; do
	mkdir -p "$home/$build/$(dirname "$program")"
	cp "$build/$program" "$home/$build/$program"
done
cp -r tests/workloads "$home/tests/"

# Libraries that all these need.
find "$root" -type f \( -perm -u+x -o -name '*.so*' \) -exec ldd {} + 2>/dev/null |
	sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | sort -u | while read -r library; do
	[ -e "$root$library" ] || place "$library"
done
/sbin/ldconfig -r "$root"
# A tree for those who walk one.
for name in a b c d e f g h; do
	mkdir -p "$root/usr/share/doc/$name"
	echo "$name" >"$root/usr/share/doc/$name/copyright"
done
cp tests/kernels/init.sh "$root/init"
chmod 755 "$root/init"

rm -f "$image"
/sbin/mke2fs -q -t ext4 -O ^has_journal -d "$root" "$image" 3G
