"""The program that is walked over: starts it, and sends it requests."""

import http.client
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

SCOPES = ["read", "submit", "work", "admin"]
HOST = "errand.test"


class Answer:
    def __init__(self, response, body, is_head):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = body
        self.is_head = is_head

    def json(self):
        return json.loads(self.body)

    def events(self):
        """Of a stream: what is complete of it, comments and positions left out."""
        for block in self.body.decode().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n")
                          if not line.startswith(":"))
            if "event" in fields:
                yield {"id": fields.get("id"), "event": fields["event"], "data": fields.get("data")}

    def __str__(self):
        return f"{self.status} {self.headers.get('content-type')} {self.body[:600]!r}"


class Program:
    """A server of its own, in memory, with one token for each scope. Ends with the block."""

    def __init__(self, path):
        self._path = Path(path).resolve()
        self._folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        config = Path(self._folder.name) / "errand.toml"
        self.tokens, tables = {}, f'http.hosts = ["{HOST}"]\n'
        environment = {"PATH": os.environ["PATH"]}
        for scope in SCOPES:
            made = subprocess.run([self._path, "token", "new", "--name", scope, "--scope", scope],
                                  env=environment, capture_output=True, text=True, check=True)
            self.tokens[scope] = made.stdout.strip()
            tables += made.stderr
        config.write_text(tables)
        self._log = open(Path(self._folder.name) / "log", "w+")
        self._process = subprocess.Popen(
            [self._path, "serve", "--config", str(config), "--store", "sqlite::memory:", "--port",
             "0", "--log-format", "json"], cwd=self._folder.name, env=environment,
            stdout=self._log, stderr=self._log)
        self.port = self._wait_for_port()
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()
        self._folder.cleanup()

    def log(self):
        return Path(self._log.name).read_text()

    def _wait_for_port(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            for line in self.log().splitlines():
                address = json.loads(line).get("address") if line.startswith("{") else None
                if address:
                    return int(address.rsplit(":", 1)[1])
            time.sleep(0.02)
        raise SystemExit("the server did not start:\n" + self.log())

    def ask(self, method, target, body=None, token="admin", headers=(), version="HTTP/1.1",
            until=None):
        """Sends a request, and reads the answer; of a stream what there is until `until` says that
        it is enough, by default its head and what comes first. `body`: a text, or what is to be
        sent as JSON. `token`: the name of a scope, or a token itself, or None."""
        headers = [*headers]
        if "Host" not in dict(headers):
            headers.append(("Host", HOST))
        if token is not None:
            headers.append(("Authorization", "Bearer " + self.tokens.get(token, token)))
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
        if body is not None and "Content-Type" not in dict(headers):
            headers.append(("Content-Type", "application/json"))
        if body is not None and "Content-Length" not in dict(headers):
            headers.append(("Content-Length", str(len(body.encode()))))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection._http_vsn_str = version
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders((body or "").encode())
            response = connection.getresponse()
            is_stream = response.getheader("Content-Type") == "text/event-stream"
            read = self._read_stream if is_stream and method != "HEAD" else self._read
            return read(response, until, method == "HEAD")
        finally:
            connection.close()

    @staticmethod
    def _read(response, _, is_head):
        return Answer(response, response.read(), is_head)

    @staticmethod
    def _read_stream(response, until, is_head):
        answer = Answer(response, b"", is_head)
        enough = until or (lambda so_far: b"\n\n" in so_far.body)
        deadline = time.monotonic() + 60
        while not enough(answer):
            more = response.read1(65536)
            if not more:
                break
            assert time.monotonic() < deadline, f"the stream does not say what it should: {answer}"
            answer.body += more
        return answer

    def task(self, spec, wait=False):
        """The id of a new task; if it is told to, once that has ended."""
        answer = self.ask("POST", "/v1/tasks", spec,
                          headers=[("Prefer", "wait=20")] if wait else [])
        assert answer.status in (200, 202), answer
        return answer.json()["id"]


def target(path, values, query=()):
    """A path of the document with its parameters filled in."""
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    pairs = [quote(n, safe="") + "=" + quote(v, safe="") for n, v in query]
    return path + ("?" + "&".join(pairs) if pairs else "")
