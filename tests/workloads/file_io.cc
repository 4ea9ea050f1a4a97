// SPDX-License-Identifier: GPL-2.0-or-later
// Files: direct, durable, cached, memory-mapped, locked, sent from one descriptor to another.
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <random>

#include "common.h"

namespace {

using namespace workload;

constexpr std::size_t kBlock = 4096;

off_t random_offset(std::mt19937_64& random, std::size_t bytes) {
  return static_cast<off_t>(random() % (bytes / kBlock) * kBlock);
}

// Reads a block past the page cache, one at a time.
void direct(double length) {
  constexpr std::size_t kBytes = 64 << 20;
  const int fd = open_temporary(kBytes);
  fcntl(fd, F_SETFL, O_DIRECT);
  void* block = nullptr;
  if (posix_memalign(&block, kBlock, kBlock) != 0) fail("posix_memalign");
  std::mt19937_64 random(1);
  for (const double end = seconds() + length; seconds() < end;)
    check(static_cast<int>(pread(fd, block, kBlock, random_offset(random, kBytes))), "pread");
}

// Makes each write durable.
void durable(double length) {
  const int fd = open_temporary(1 << 20);
  const std::vector<char> block(kBlock, 'y');
  for (const double end = seconds() + length; seconds() < end;) {
    check(static_cast<int>(pwrite(fd, block.data(), block.size(), 0)), "pwrite");
    check(fdatasync(fd), "fdatasync");
  }
}

// Reads what the page cache holds.
void cached(double length) {
  constexpr std::size_t kBytes = 16 << 20;
  const int fd = open_temporary(kBytes);
  std::vector<char> block(16 * kBlock);
  std::mt19937_64 random(1);
  for (const double end = seconds() + length; seconds() < end;)
    check(static_cast<int>(pread(fd, block.data(), block.size(), random_offset(random, kBytes - block.size()))),
          "pread");
}

// Touches pages of a mapped file that is not in memory.
void mapped(double length) {
  constexpr std::size_t kBytes = 64 << 20; // writing it first is to take no time that counts
  const int fd = open_temporary(kBytes);
  std::mt19937_64 random(1);
  volatile char sum = 0;
  for (const double end = seconds() + length; seconds() < end;) {
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    void* address = mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, fd, 0);
    if (address == MAP_FAILED) fail("mmap");
    madvise(address, kBytes, MADV_RANDOM);
    const char* bytes = static_cast<const char*>(address);
    for (int i = 0; i < 5'000 && seconds() < end; ++i)
      sum = static_cast<char>(sum + bytes[random_offset(random, kBytes)]);
    munmap(address, kBytes);
  }
}

// Waits for a lock on a file that another process holds most of the time.
void locked(double length, bool posix) {
  const int fd = open_temporary(kBlock, false); // a busy disk would be waited for
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const auto lock = [posix](int file, bool on) {
    if (!posix) return flock(file, on ? LOCK_EX : LOCK_UN);
    struct flock range {};
    range.l_type = static_cast<short>(on ? F_WRLCK : F_UNLCK);
    return fcntl(file, F_SETLKW, &range);
  };
  const pid_t peer = start_peer([&] {
    for (const int file = open(path.c_str(), O_RDWR); lock(file, true) == 0;) {
      pause_for(0.02);
      lock(file, false);
      pause_for(0.0002);
    }
  });
  pause_for(0.01);
  for (const double end = seconds() + length; seconds() < end;) {
    check(lock(fd, true), "lock");
    check(lock(fd, false), "unlock");
    pause_for(0.0005);
  }
  stop_peer(peer);
}

void flock_wait(double length) { locked(length, false); }
void fcntl_wait(double length) { locked(length, true); }

// Sends a file to a reader that is slower than it.
void sent(double length, bool by_splice) {
  constexpr std::size_t kBytes = 1 << 20;
  const int fd = open_temporary(kBytes);
  int ends[2];
  check(by_splice ? pipe(ends) : socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "pipe");
  const pid_t peer = start_peer([&] {
    close(ends[1]);
    for (std::vector<char> buffer(1 << 16); read(ends[0], buffer.data(), buffer.size()) > 0;) pause_for(0.005);
  });
  close(ends[0]);
  for (const double end = seconds() + length; seconds() < end;) {
    off_t offset = 0;
    loff_t from = 0;
    check(static_cast<int>(by_splice ? splice(fd, &from, ends[1], nullptr, kBytes, 0)
                                     : sendfile(ends[1], fd, &offset, kBytes)),
          "send");
  }
  stop_peer(peer);
}

void sendfile_wait(double length) { sent(length, false); }
void splice_wait(double length) { sent(length, true); }

} // namespace

int main(int argc, char** argv) {
  return run_mode(argc, argv,
                  {{"direct", direct},
                   {"durable", durable},
                   {"cached", cached},
                   {"mapped", mapped},
                   {"flock", flock_wait},
                   {"fcntl", fcntl_wait},
                   {"sendfile", sendfile_wait},
                   {"splice", splice_wait}});
}
