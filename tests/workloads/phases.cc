// SPDX-License-Identifier: GPL-2.0-or-later
// Goes through four phases: CPU, disk, network (a slow loopback server), sleep.
// Usage: phases [SECONDS [ROUNDS]]: of each phase (0.5), and how often (1)
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace {

constexpr std::size_t kBlock = 4096;

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void pause_for(double length) {
  const auto whole = static_cast<time_t>(length);
  const timespec time = {whole, static_cast<long>((length - static_cast<double>(whole)) * 1e9)};
  nanosleep(&time, nullptr);
}

void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void use_cpu(double length) {
  const double end = seconds(CLOCK_PROCESS_CPUTIME_ID) + length;
  volatile unsigned long sum = 0;
  while (seconds(CLOCK_PROCESS_CPUTIME_ID) < end)
    for (unsigned long i = 0; i < 100'000; ++i) sum = sum + i;
}

// Direct where the file system can, and made durable each time in any case.
void use_disk(double length) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder == nullptr ? "/var/tmp" : folder) + "/ctxray-phases-XXXXXX";
  const int fd = mkstemp(path.data());
  if (fd < 0) fail(path.c_str());
  unlink(path.c_str());
  fcntl(fd, F_SETFL, O_DIRECT);
  void* block = nullptr;
  if (posix_memalign(&block, kBlock, kBlock) != 0) fail("posix_memalign");
  const double end = seconds(CLOCK_MONOTONIC) + length;
  for (off_t i = 0; seconds(CLOCK_MONOTONIC) < end; ++i) {
    const off_t offset = i % 256 * static_cast<off_t>(kBlock);
    if (pwrite(fd, block, kBlock, offset) < 0 || fsync(fd) != 0 || pread(fd, block, kBlock, offset) < 0) fail("disk");
  }
  std::free(block);
  close(fd);
}

// Answers each byte after 5 ms.
void serve(int listener) {
  const int connection = accept(listener, nullptr, nullptr);
  for (char byte = 0; read(connection, &byte, 1) == 1;) {
    pause_for(0.005);
    if (write(connection, &byte, 1) != 1) break;
  }
  _exit(0);
}

void use_network(double length) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, name, size) != 0 || listen(listener, 1) != 0 || getsockname(listener, name, &size) != 0)
    fail("listen");
  const pid_t server = fork();
  if (server == 0) serve(listener);
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, name, size) != 0) fail("connect");
  const double end = seconds(CLOCK_MONOTONIC) + length;
  for (char byte = 0; seconds(CLOCK_MONOTONIC) < end;)
    if (write(connection, &byte, 1) != 1 || read(connection, &byte, 1) != 1) fail("request");
  close(connection);
  close(listener);
  waitpid(server, nullptr, 0);
}

} // namespace

int main(int argc, char** argv) {
  const double length = argc > 1 ? std::atof(argv[1]) : 0.5;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 1;
  for (int i = 0; i < rounds; ++i) {
    use_cpu(length);
    use_disk(length);
    use_network(length);
    pause_for(length);
  }
}
