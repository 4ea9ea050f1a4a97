# SPDX-License-Identifier: GPL-2.0-or-later
"""Four workers for a second: "compute" under the GIL, "hash" without it, "processes" with one each, "files" in I/O.
A second argument sets the interval at which the GIL changes hands, in seconds."""
import hashlib
import multiprocessing
import os
import sys
import tempfile
import threading
import time

WORKERS = 4
BLOCK = bytes(1 << 22)


def compute(end):
    total = 0
    while time.monotonic() < end:
        for i in range(1000):
            total += i * i


def digest(end):
    while time.monotonic() < end:
        hashlib.sha256(BLOCK).digest()


def files(end):
    with tempfile.TemporaryFile(dir=".") as file:
        while time.monotonic() < end:
            os.pwrite(file.fileno(), BLOCK[:4096], 0)
            os.fdatasync(file.fileno())


def main():
    mode = sys.argv[1]
    if len(sys.argv) > 2:
        sys.setswitchinterval(float(sys.argv[2]))
    make = multiprocessing.Process if mode == "processes" else threading.Thread
    work = {"hash": digest, "files": files}.get(mode, compute)
    end = time.monotonic() + 1
    workers = [make(target=work, args=(end,)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
