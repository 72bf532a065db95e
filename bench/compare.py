"""The order of measurements, the tables, and bench/results.md."""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import figures
import leasing
import watching
from load import HERE, wrk
from servers import BUILD, Errand, Nginx, Tornado

NOOP = '{"kind": "noop"}'


def rates(take, name, url, seconds, post=None, script="load.lua"):
    """One round of one server, at 64 connections and at one."""
    for connections in (64, 1):
        load = wrk(url, connections, seconds, post, script)
        take(f"{name}, {connections} connection{'s' if connections > 1 else ''}", load)
        print(f"  {name:44} {connections:3} conn. {load.rate:9,.0f}/s "
              f"p50 {load.p50_ms:7.2f} ms  p99 {load.p99_ms:7.2f} ms", flush=True)


def one_round(take, seconds):
    with Tornado() as server:
        rates(take, "Tornado program, GET /sleep", f"{server.url}/sleep", seconds)
    with Nginx() as server:
        rates(take, "nginx, return 202", f"{server.url}/", seconds)
    with Errand(workers=4) as server:
        figures.occupy_workers(server, 4)
        rates(take, "Errand, POST /v1/tasks", f"{server.url}/v1/tasks", seconds, NOOP)
    with Errand(workers=4) as server:
        figures.occupy_workers(server, 4)
        rates(take, "Errand, the same with Idempotency-Key", f"{server.url}/v1/tasks", seconds, NOOP,
              "load_keys.lua")
    with Errand(workers=4) as server:
        figures.occupy_workers(server, 4)
        rates(take, "Errand, the same with a unique key", f"{server.url}/v1/tasks", seconds, NOOP,
              "load_unique.lua")
    with Errand(workers=4) as server:
        figures.occupy_workers(server, 4)
        rates(take, "Errand, GET /sleep, all workers asleep", f"{server.url}/sleep", seconds)


def deferred(take, take_own):
    """One round of closures in memory."""
    loads, submits = figures.closures()
    for load in loads:
        take(load["name"], SimpleNamespace(**load))
        print(f"  {load['name']:44} {load['rate']:9,.0f}/s starts after p50 {load['p50_ms']:.3f} ms  "
              f"p99 {load['p99_ms']:.3f} ms", flush=True)
    take_own("durable submits of a program, 8 threads", submits, "tasks/s")


def own_figures(take, quick):
    """One round of what only Errand does."""
    small, large = (10_000, 100_000) if quick else (100_000, 1_000_000)
    for count in (small, large):
        rate, ready_s, memory = figures.drain(count)
        take(f"drain of {count:,} queued noop tasks", rate, "tasks/s")
    take(f"start with {large:,} queued, until /readyz", ready_s, "s")
    take(f"most memory while draining {large:,}", memory, "MB")
    take("submitters and workers flat out", figures.flat_out(3 if quick else 20), "tasks/s")
    p50, p99 = figures.pickup()
    take("idle pickup, p50", p50, "ms")
    take("idle pickup, p99", p99, "ms")
    take("3,000 idle connections", figures.idle_connections(3000), "MB")
    take("batches of 10,000 over HTTP", watching.batches(2 if quick else 20), "tasks/s")
    take("leased and finished in batches of 100", leasing.drained(20_000 if quick else 200_000), "tasks/s")
    for name, (memory, half, last) in (("5,000 waiters", watching.waiters(5000)),
                                       ("5,000 workers that wait for leases", leasing.waiting(5000)),
                                       ("1,000 readers of events", watching.event_readers(1000))):
        take(f"{name}, memory", memory, "MB")
        take(f"{name}, until half of them heard", half * 1000, "ms")
        take(f"{name}, until all heard", last * 1000, "ms")


def fsync_rate(seconds=2):
    path = BUILD / "fsync"
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    block, count, began = b"x" * 4096, 0, time.monotonic()
    while time.monotonic() - began < seconds:
        os.pwrite(file, block, count % 1024 * 4096)
        os.fdatasync(file)
        count += 1
    spent = time.monotonic() - began
    os.close(file)
    path.unlink()
    return count / spent


def machine():
    kernel = ".".join(platform.release().split(".")[:2])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, Linux {kernel}, "
            f"{platform.freedesktop_os_release()['PRETTY_NAME']}; the disk takes "
            f"{fsync_rate():,.0f} writes of 4 KiB with fdatasync a second, one after the other.")


def version(command):
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).strip().splitlines()[0]


def number(value):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f}"


def load_lines(loads):
    for name, rounds in loads.items():
        yield (f"| {name} | {number(statistics.median(load.rate for load in rounds))} "
               f"| {number(statistics.median(load.p50_ms for load in rounds))} "
               f"| {number(statistics.median(load.p99_ms for load in rounds))} "
               f"| {', '.join(number(load.rate) for load in rounds)} |")


def table(loads, closures, own):
    """Markdown: medians of the rounds; the rounds themselves beside the figure that matters."""
    yield "| server and request | requests/s | p50 ms | p99 ms | requests/s of each round |"
    yield "|---|---:|---:|---:|---|"
    yield from load_lines(loads)
    median = {name: statistics.median(load.rate for load in rounds) for name, rounds in loads.items()}
    yield ""
    yield "| ratio of requests/s | 64 connections | 1 connection |"
    yield "|---|---:|---:|"
    for name in ("Errand, POST /v1/tasks", "Errand, GET /sleep, all workers asleep"):
        for other in ("nginx, return 202", "Tornado program, GET /sleep"):
            both = [median[f"{name}, {c}"] / median[f"{other}, {c}"]
                    for c in ("64 connections", "1 connection")]
            yield f"| {name} / {other} | {both[0]:.2f} | {both[1]:.2f} |"
    yield ""
    yield "| closures in memory, 4 threads | closures/s | starts after, p50 ms | p99 ms | closures/s of each round |"
    yield "|---|---:|---:|---:|---|"
    yield from load_lines(closures)
    yield ""
    yield "| Errand alone | median | each round |"
    yield "|---|---:|---|"
    for (name, unit), rounds in own.items():
        yield (f"| {name} | {number(statistics.median(rounds))} {unit} "
               f"| {', '.join(number(value) for value in rounds)} |")


def main():
    parser = argparse.ArgumentParser(prog="bench/compare", description="README.md explains the rows.")
    parser.add_argument("--quick", action="store_true",
                        help="one short round, to see that everything works; writes no results.md")
    quick = parser.parse_args().quick
    rounds, seconds = (1, 2) if quick else (3, 10)

    figures.forget_preloaded()
    loads, closures, own = {}, {}, {}

    def take_own(name, value, unit):
        own.setdefault((name, unit), []).append(value)
        print(f"  {name:60} {number(value):>9} {unit}", flush=True)

    for i in range(rounds):
        print(f"round {i + 1} of {rounds}", flush=True)
        one_round(lambda name, load: loads.setdefault(name, []).append(load), seconds)
        deferred(lambda name, load: closures.setdefault(name, []).append(load), take_own)
        own_figures(take_own, quick)

    lines = [
        "# Results", "",
        f"Written by `bench/compare` on {time.strftime('%Y-%m-%d', time.gmtime())}: medians of "
        f"{rounds} interleaved rounds. [README.md](README.md) explains each row.", "",
        machine(), "",
        f"{version([BUILD / 'errand', '--version'])}; {version(['/usr/sbin/nginx', '-v'])}; "
        f"Tornado {version([sys.executable, '-c', 'import tornado; print(tornado.version)'])}; "
        f"{version(['wrk', '-v']).split(' [')[0]}.", "",
        *table(loads, closures, own),
    ]
    text = "\n".join(lines) + "\n"
    print("\n" + text, end="")
    if not quick:
        (Path(HERE) / "results.md").write_text(text)


if __name__ == "__main__":
    main()
