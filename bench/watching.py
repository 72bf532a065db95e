"""Many clients that wait for an end, or follow the events: what they cost, and when they hear."""
import selectors
import socket
import time

from figures import allow_connections
from load import post_json
from servers import Errand


def open_requests(server, path, count):
    """That many connections, each with that GET sent."""
    return open_connections(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), count)


def open_connections(server, request, count):
    """That many connections, each with that request sent."""
    allow_connections(count)
    connections = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", server.port))
        s.sendall(request)
        connections.append(s)
    return connections


def first_bytes(connections, wanted=b"HTTP/1.1 200", patience_s=60):
    """When each connection had received `wanted`, by the monotonic clock."""
    heard, texts = [], {s: b"" for s in connections}
    deadline = time.monotonic() + patience_s
    with selectors.DefaultSelector() as selector:
        for s in connections:
            selector.register(s, selectors.EVENT_READ)
        while len(heard) < len(connections):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(connections) - len(heard)} clients heard nothing")
            for key, _ in selector.select(1):
                texts[key.fileobj] += key.fileobj.recv(65536)
                if wanted in texts[key.fileobj]:
                    heard.append(time.monotonic())
                    selector.unregister(key.fileobj)
    return heard


def close_all(connections):
    for s in connections:
        s.close()


def waiters(count):
    """Clients that wait for one task, which is then cancelled. Gives the MB that they cost, and the
    seconds from sending the cancel until half of them and all of them have their answers."""
    with Errand() as server:
        task = post_json(f"{server.url}/v1/tasks", {"kind": "noop", "delay_s": 3600})
        before = server.memory_mb()
        connections = open_requests(server, f"/v1/tasks/{task['id']}?wait_s=300", count)
        time.sleep(1)  # until the last of them is parked
        cost = server.memory_mb() - before
        cancel = socket.create_connection(("127.0.0.1", server.port))
        began = time.monotonic()
        cancel.sendall(f"POST /v1/tasks/{task['id']}/cancel HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Length: 0\r\n\r\n".encode())
        heard = sorted(at - began for at in first_bytes(connections))
        close_all(connections + [cancel])
        return cost, heard[count // 2], heard[-1]


def event_readers(count):
    """Clients that follow all events while one task is submitted. Gives the MB that they cost, and
    the seconds from sending the submit until half of them and all of them have read of it."""
    with Errand() as server:
        before = server.memory_mb()
        connections = open_requests(server, "/v1/events", count)
        first_bytes(connections, b"\n\n")
        cost = server.memory_mb() - before
        began = time.monotonic()
        post_json(f"{server.url}/v1/tasks", {"kind": "noop"})
        heard = sorted(at - began for at in first_bytes(connections, b"task.succeeded"))
        close_all(connections)
        return cost, heard[count // 2], heard[-1]


def batches(count):
    """Batches of 10,000 tasks over HTTP, one after the other: tasks/s from the first byte sent to the
    last answer."""
    body = {"tasks": [{"kind": "noop"}] * 10_000}
    with Errand() as server:
        began = time.monotonic()
        for _ in range(count):
            post_json(f"{server.url}/v1/tasks/batch", body)
        return count * 10_000 / (time.monotonic() - began)
