"""Callables on a pool of threads by Tornado's run_on_executor; prints what defer_bench does."""
import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

from tornado.concurrent import run_on_executor

THREADS = 4  # as in defer_bench.cpp
CALLS = 30_000
STARTS = 3_000


class Caller:
    executor = ThreadPoolExecutor(THREADS)

    @run_on_executor
    def nothing(self):
        pass

    @run_on_executor
    def now(self):
        return time.monotonic()


async def main():
    caller = Caller()
    began = time.monotonic()
    await asyncio.gather(*[caller.nothing() for _ in range(CALLS)])
    rate = CALLS / (time.monotonic() - began)
    waits = []
    for _ in range(STARTS):
        called = time.monotonic()
        waits.append((await caller.now() - called) * 1000)
    waits.sort()
    print(json.dumps({"name": "Tornado, run_on_executor", "rate": rate,
                      "p50_ms": waits[STARTS // 2], "p99_ms": waits[STARTS * 99 // 100]}))


asyncio.run(main())
