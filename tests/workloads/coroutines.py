# SPDX-License-Identifier: GPL-2.0-or-later
"""A known number of coroutine switches, which it prints. Usage: coroutines.py asyncio|blocked|greenlet TASKS STEPS"""
import asyncio
import sys
import time


async def inner():
    await asyncio.sleep(0)


async def task(steps, pause):
    for _ in range(steps):
        await inner()  # a send from one coroutine to the next, which is no step of a task
    if pause:
        time.sleep(pause)  # holds the whole loop up


async def main(tasks, steps, pause):
    await asyncio.gather(*(task(steps, pause) for _ in range(tasks)))


def by_asyncio(tasks, steps, pause):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main(tasks, steps, pause))
    loop.close()
    return tasks * (steps + 1) + 2  # a step after each pause; main() before and after it waits


def by_greenlet(tasks, steps):
    import greenlet

    parent = greenlet.getcurrent()

    def run():
        for _ in range(steps):
            parent.switch()

    for _ in range(tasks):
        one = greenlet.greenlet(run)
        for _ in range(steps + 1):
            one.switch()
    return tasks * (2 * steps + 2)  # to it and back, and back once more at its end


way, tasks, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if way == "greenlet":
    print(by_greenlet(tasks, steps))
else:
    print(by_asyncio(tasks, steps, 0.2 if way == "blocked" else 0))
