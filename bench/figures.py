"""Errand's own figures: what no other server of the comparison does."""
import json
import resource
import socket
import subprocess
import time
from datetime import datetime

from load import HERE, Load, get_json, post_json, wrk
from servers import BUILD, Errand


def preload(count):
    """A store with that many queued noop tasks; made once a run, copied by every round."""
    path = BUILD / f"preloaded-{count}.db"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        subprocess.run([BUILD / "bench" / "preload", unfinished, str(count)], check=True)
        unfinished.rename(path)
    return path


def forget_preloaded():
    """So that no run begins with what another version of Errand made."""
    for path in BUILD.glob("preloaded-*"):
        path.unlink()


def oldest_and_newest(server):
    """1,000 tasks of either end, in the order of acceptance."""
    tasks = f"{server.url}/v1/tasks?limit=1000"
    return get_json(f"{tasks}&order=asc")["tasks"], get_json(tasks)["tasks"]


def wait_until_drained(server, patience_s=300):
    deadline = time.monotonic() + patience_s
    newest = f"{server.url}/v1/tasks?limit=1"
    unfinished = f"{server.url}/v1/tasks?limit=1&state=queued,running"
    while get_json(newest)["tasks"][0]["finished_at"] is None or get_json(unfinished)["tasks"]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"tasks were still unfinished after {patience_s} s")
        time.sleep(0.1)


def moment(text):
    return datetime.fromisoformat(text).timestamp()


def drain(count):
    """Starts a server on `count` queued tasks. Gives tasks/s between the first start and the last
    end, seconds until it was ready, and the most memory that it ever had, in MB."""
    with Errand(preloaded=preload(count)) as server:
        wait_until_drained(server)
        oldest, newest = oldest_and_newest(server)
        first = min(moment(task["started_at"]) for task in oldest)
        last = max(moment(task["finished_at"]) for task in newest)
        return count / (last - first), server.start_seconds, server.memory_mb("VmHWM")


def occupy_workers(server, count):
    """Gives every worker a task that outlasts the measurement."""
    for _ in range(count):
        post_json(f"{server.url}/v1/tasks",
                  {"kind": "sleep", "args": {"seconds": 3600}, "timeout_s": 7200})
    deadline = time.monotonic() + 10
    while len(get_json(f"{server.url}/v1/tasks?state=running")["tasks"]) < count:
        if time.monotonic() > deadline:
            raise TimeoutError("the workers did not take their tasks")
        time.sleep(0.01)


def flat_out(seconds):
    """Submitters at 64 connections and workers at once. Gives tasks/s from the first submit until
    the last of all accepted tasks ended, so what was only accepted does not count."""
    with Errand() as server:
        load: Load = wrk(f"{server.url}/v1/tasks", 64, seconds, post='{"kind": "noop"}')
        wait_until_drained(server)
        oldest, newest = oldest_and_newest(server)
        first = min(moment(task["created_at"]) for task in oldest)
        last = max(moment(task["finished_at"]) for task in newest)
        return (load.requests - load.refused) / (last - first)


def pickup():
    """Milliseconds from the submit call to the handler's start in an idle server: p50 and p99."""
    folder = BUILD / "pickup"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    said = subprocess.run([BUILD / "bench" / "pickup", folder / "errand.db"], check=True,
                          capture_output=True, text=True).stdout
    return [float(word) for word in said.split()]


def allow_connections(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 200:
        raise OSError(f"{count} connections need 'ulimit -Hn' of {count + 200} or more, it is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))


def idle_connections(count):
    """MB of memory that so many open, idle connections cost the server."""
    allow_connections(count)
    with Errand() as server:
        before = server.memory_mb()
        connections = []
        for _ in range(count):
            s = socket.create_connection(("127.0.0.1", server.port))
            s.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if not s.recv(4096).startswith(b"HTTP/1.1 200"):
                raise ConnectionError("an idle connection was not answered")
            connections.append(s)
        cost = server.memory_mb() - before
        for s in connections:
            s.close()
        return cost


def closures():
    """What closures in memory cost beside each other: name, rate, p50_ms and p99_ms of each; and
    durable submits/s of a program's eight threads."""
    store = BUILD / "defer.db"
    for path in BUILD.glob("defer.db*"):
        path.unlink()
    lines = []
    for command in ([BUILD / "bench" / "defer_bench", store],
                    ["/usr/bin/python3", "-B", HERE / "tornado_executor.py"]):
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines += [json.loads(line) for line in said.splitlines()]
    submits = next(line["rate"] for line in lines if line["name"] == "durable submits")
    return [line for line in lines if "p50_ms" in line], submits
