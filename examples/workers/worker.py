#!/usr/bin/env python3
"""Runs tasks of the kind "shout" for an Errand server: python3 worker.py [URL] [NAME]."""
import json, os, signal, sys, threading, time, urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8002"
NAME = sys.argv[2] if len(sys.argv) > 2 else f"python-{os.getpid()}"
TOKEN, LEASE_S = os.environ.get("ERRAND_TOKEN"), int(os.environ.get("LEASE_S", 30))
HEADERS = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})
stopping = threading.Event()


def call(path, body, method="POST", tries_at_stop=5):
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), HEADERS, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or "null")
        except OSError as error:  # no server, or one that is busy or restarts: try again
            tries_at_stop -= stopping.is_set()
            if getattr(error, "code", 503) not in (429, 503) or tries_at_stop < 0:
                raise
            time.sleep(1)


def run(task, unwanted):
    """What the task is: its args in, its result out. What it raises fails the attempt."""
    if unwanted.wait(task["args"].get("seconds", 0)):  # what takes long should look at it
        raise InterruptedError("nobody wants it any more")
    return task["args"]["text"].upper()


def attempt(task, unwanted):
    try:
        return {"outcome": "succeeded", "result": run(task, unwanted)}
    except Exception as error:
        return {"outcome": "failed", "error": {"type": type(error).__name__, "message": str(error)}}


def keep(token, unwanted, ended):
    """Puts the end of the lease off until the task has ended."""
    while not ended.wait(LEASE_S / 3):
        if call("/v1/leases/heartbeat", {"leases": [{"token": token}]})["leases"][0]["status"] != "ok":
            unwanted.set()  # it is cancelled, or no longer ours


signal.signal(signal.SIGTERM, lambda *_: stopping.set())
while not stopping.is_set():
    # Who has many tasks that take no time leases more of them at once, and finishes them together.
    wanted = {"kinds": ["shout"], "max": 1, "lease_s": LEASE_S, "wait_s": 5, "worker": NAME}
    for lease in call("/v1/leases", wanted)["leases"]:
        unwanted, ended = threading.Event(), threading.Event()
        threading.Thread(target=keep, args=(lease["token"], unwanted, ended), daemon=True).start()
        end = {"token": lease["token"], **attempt(lease["task"], unwanted)}
        call("/v1/leases/finish", {"leases": [end]})
        ended.set()
call(f"/v1/workers/{NAME}", {}, "DELETE")
