"""A worker outside that leases in batches: how fast it gets tasks and ends them, over one connection."""
import http.client
import json
import time

from load import post_json
from servers import Errand


def drained(tasks, batch=100):
    """That many queued noop tasks of a kind without a handler, leased and finished by one client, the
    next batch being asked for when the last one is finished. Gives tasks/s."""
    with Errand() as server:
        for _ in range(tasks // 10_000):
            post_json(f"{server.url}/v1/tasks/batch", {"tasks": [{"kind": "outside"}] * 10_000})
        connection = http.client.HTTPConnection("127.0.0.1", server.port)

        def call(path, body):
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())["leases"]

        wanted = {"worker": "bench", "kinds": ["outside"], "max": batch}
        done, began = 0, time.monotonic()
        while leases := call("/v1/leases", wanted):
            ends = [{"token": lease["token"], "outcome": "succeeded"} for lease in leases]
            done += sum(end["status"] == "ok" for end in call("/v1/leases/finish", {"leases": ends}))
        spent = time.monotonic() - began
        assert done == tasks // 10_000 * 10_000, f"{done} of {tasks}"
        return done / spent


def waiting(count):
    """Workers that wait for leases: the MB that they cost, and the seconds from sending as many tasks
    until half of them and all of them have one."""
    import watching
    with Errand() as server:
        before = server.memory_mb()
        body = json.dumps({"worker": "bench", "kinds": ["outside"], "wait_s": 300}).encode()
        head = (f"POST /v1/leases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        connections = watching.open_connections(server, head + body, count)
        time.sleep(1)  # until the last of them is parked
        cost = server.memory_mb() - before
        began = time.monotonic()
        post_json(f"{server.url}/v1/tasks/batch", {"tasks": [{"kind": "outside"}] * count})
        heard = sorted(at - began for at in watching.first_bytes(connections, b'"token"'))
        watching.close_all(connections)
    return cost, heard[count // 2], heard[-1]
