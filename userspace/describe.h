// SPDX-License-Identifier: GPL-2.0-or-later
// Places of waits and files in words that a person knows.
#pragma once

#include <string>

#include "userspace/sample.h"

namespace ctxray {

// "tcp 127.0.0.1:41000 -> 127.0.0.1:5432", "pipe", "/var/lib/data", "unix socket /run/db.sock (pid 812)".
std::string describe_file(const FileIdentity& file);

// Its object is a futex's address.
bool is_futex(const SiteSample& site);

// What the threads wait for there: the file, "futex 0x7f…", or nothing more than the system call.
std::string describe_object(const SiteSample& site);

// Where that is: the system call and the object, "read fd 3: /data", "futex 0x7f…", "page fault".
std::string describe_place(const SiteSample& site);

// "timer", "interrupt", "pid 812 (gzip)": what ended most of the waits.
std::string describe_waker(const SiteSample& site);

} // namespace ctxray
