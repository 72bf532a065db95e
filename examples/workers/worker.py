#!/usr/bin/env python3
"""Runs tasks of the kind "shout" for an Errand server: python3 worker.py [URL] [NAME]."""
import json, os, signal, sys, threading, time, urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8002"
NAME = sys.argv[2] if len(sys.argv) > 2 else f"python-{os.getpid()}"
TOKEN, LEASE_S = os.environ.get("ERRAND_TOKEN"), int(os.environ.get("LEASE_S", 30))
HEADERS = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})
stopping = threading.Event()
waiting, lock = [], threading.Lock()  # leases whose tasks have not begun
unwanted = {}  # by the token of each lease that we have: whether nobody wants its task of us now


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


def end_waiting(count, make_end):
    with lock:
        leases, waiting[:count] = waiting[:count], []
    if leases:
        ends = [{"token": lease["token"], **make_end(lease)} for lease in leases]
        call("/v1/leases/finish", {"leases": ends})
    for lease in leases:
        del unwanted[lease["token"]]


def attempt(lease):
    try:
        return {"outcome": "succeeded", "result": run(lease["task"], unwanted[lease["token"]])}
    except Exception as error:
        return {"outcome": "failed", "error": {"type": type(error).__name__, "message": str(error)}}


def keep():
    """Puts the ends of the leases off; when we are to stop, gives back what has not begun."""
    while True:
        if stopping.wait(LEASE_S / 3):
            end_waiting(len(waiting), lambda lease: {"outcome": "released"})
            time.sleep(1)
        leases = [{"token": token} for token in list(unwanted)]
        for told in leases and call("/v1/leases/heartbeat", {"leases": leases})["leases"]:
            if told["status"] != "ok" and told["token"] in unwanted:
                unwanted[told["token"]].set()  # it is cancelled, or no longer ours


signal.signal(signal.SIGTERM, lambda *_: stopping.set())
threading.Thread(target=keep, daemon=True).start()
while not stopping.is_set():
    wanted = {"kinds": ["shout"], "max": 100, "lease_s": LEASE_S, "wait_s": 5, "worker": NAME}
    leases = call("/v1/leases", wanted)["leases"]
    unwanted.update((lease["token"], threading.Event()) for lease in leases)
    waiting += leases
    while waiting and not stopping.is_set():
        end_waiting(1, attempt)
call(f"/v1/workers/{NAME}", {}, "DELETE")  # gives back what it had leased meanwhile
