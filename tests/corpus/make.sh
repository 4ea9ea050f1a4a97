#!/bin/sh
# Compiles six C++ files under make. Usage: make.sh JOBS
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for i in 1 2 3 4 5 6; do
	printf '#include <map>\n#include <string>\nint f%s() { return (int)std::map<std::string, int>{{"a", %s}}.size(); }\n' \
		"$i" "$i" >"$folder/f$i.cc"
done
cat >"$folder/Makefile" <<'END'
all: f1.o f2.o f3.o f4.o f5.o f6.o
%.o: %.cc
	g++ -O2 -c $< -o $@
END
make -s -j "$1" -C "$folder" all
