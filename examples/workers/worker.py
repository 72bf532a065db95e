#!/usr/bin/env python3
"""Runs tasks of the kind "shout" for an Errand server: python3 worker.py [URL] [NAME]."""
import json, os, signal, sys, threading, urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8002"
NAME = sys.argv[2] if len(sys.argv) > 2 else f"python-{os.getpid()}"
TOKEN = os.environ.get("ERRAND_TOKEN")
stopping = threading.Event()


def call(path, body, method="POST"):
    headers = {"Content-Type": "application/json"}
    if TOKEN:
        headers["Authorization"] = f"Bearer {TOKEN}"
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), headers, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or "null")
        except OSError as error:  # no server, or one that is busy or restarts: try again
            if getattr(error, "code", 503) not in (429, 503) or stopping.wait(1):
                raise


def run(task):
    """What the task is: its args in, its result out. What it raises fails the attempt."""
    return task["args"]["text"].upper()


def keep(held):
    """Puts the ends of the leases off while their tasks run."""
    while not stopping.wait(10):
        if tokens := list(held):
            call("/v1/leases/heartbeat", {"leases": [{"token": token} for token in tokens]})


def main():
    held = set()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threading.Thread(target=keep, args=(held,), daemon=True).start()
    wanted = {"kinds": ["shout"], "max": 100, "lease_s": 30, "wait_s": 5, "worker": NAME}
    while not stopping.is_set():
        leases = call("/v1/leases", wanted)["leases"]
        held.update(lease["token"] for lease in leases)
        ends = []
        for lease in leases:
            end = {"token": lease["token"]}
            try:
                end.update(outcome="succeeded", result=run(lease["task"]))
            except Exception as error:
                end.update(outcome="failed", error={"type": type(error).__name__, "message": str(error)})
            ends.append(end)
        if ends:
            call("/v1/leases/finish", {"leases": ends})
        held.clear()
    call(f"/v1/workers/{NAME}", {}, "DELETE")


main()
