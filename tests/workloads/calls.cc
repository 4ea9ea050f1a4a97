// SPDX-License-Identifier: GPL-2.0-or-later
// COUNT reads of an empty non-blocking pipe, COUNT closes of a descriptor that is not open, COUNT calls of getppid.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1;
  int ends[2];
  if (pipe2(ends, O_NONBLOCK) != 0) return 1;
  char byte = 0;
  for (int i = 0; i < count; ++i) {
    if (read(ends[0], &byte, 1) >= 0) return 1;
    syscall(SYS_close, 9'999);
    syscall(SYS_getppid);
  }
}
