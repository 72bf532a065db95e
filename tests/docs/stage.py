"""Where the blocks of one document are run: a server of its own, one bash, and a program that the
document's https://example.com stands for. All of it ends with the block."""

import http.client
import json
import os
import re
import select
import subprocess
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from shown import TIME, Meanings

PATIENCE_S = 60


class Partner(BaseHTTPRequestHandler):
    """Takes whatever tasks and callbacks send."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Stage:
    def __init__(self, errand):
        self._errand = Path(errand).resolve()
        self._meanings = Meanings()

    def __enter__(self):
        self._root = tempfile.TemporaryDirectory()
        self.folder = Path(self._root.name) / "work"
        tools = Path(self._root.name) / "tools"
        for folder in (self.folder, tools):
            folder.mkdir()
        (tools / "errand").symlink_to(self._errand)
        # curl shows no progress to people either, unless they send its output elsewhere.
        (tools / ".curlrc").write_text("silent\nshow-error\n")
        self._partner = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
        threading.Thread(target=self._partner.serve_forever, daemon=True).start()
        environment = {"PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._log = Path(self._root.name) / "log"
        with open(self._log, "w") as log:
            self._server = subprocess.Popen(
                [self._errand, "serve", "--port", "0", "--http-task-allow", "127.0.0.1"],
                cwd=self.folder, env=environment, stdout=log, stderr=log)
        self.url = self._wait_for_address()
        status, self._status = os.pipe()
        self._bash = subprocess.Popen(
            ["bash"], cwd=self.folder, stdin=subprocess.PIPE, pass_fds=[status, self._status],
            env=environment | {"CURL_HOME": str(tools), "ERRAND_URL": self.url,
                               "ERRAND_PORT": self.url.rpartition(":")[2]})
        self._statuses = os.fdopen(status)
        return self

    def __exit__(self, *_):
        self._bash.kill()
        self._bash.wait()
        self._server.terminate()
        try:
            self._server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
        self._statuses.close()
        os.close(self._status)
        self._partner.shutdown()
        self._partner.server_close()
        self._root.cleanup()

    def _wait_for_address(self):
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self._server.poll() is None:
            if found := re.search(r"listening address=(http://\S+)", self._log.read_text()):
                return found[1]
            time.sleep(0.02)
        raise SystemExit("the server did not start:\n" + self._log.read_text())

    def here(self, text):
        """The document's text with what its names stand for here; its times lie a day ahead."""
        address = self.url.removeprefix("http://")
        tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
        text = self._meanings.replace(text)
        text = re.sub(r"(localhost|127\.0\.0\.1):8002", address, text)
        text = text.replace("https://tasks.example.com", self.url)
        text = text.replace("https://example.com", f"http://127.0.0.1:{self._partner.server_port}")
        return re.sub(TIME, tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ"), text)

    def run(self, command, shown):
        """Runs a command of the document's bash. Returns what is wrong with it, or nothing."""
        command, output = self.here(command), Path(self._root.name) / "output"
        if "…" in command:
            return f"what … stands for was not shown before: {command}"
        if subprocess.run(["bash", "-n", "-c", command], capture_output=True).returncode != 0:
            return f"bash can't read it: {command}"
        self._bash.stdin.write(f"{{ {command}\n}} >{output} 2>&1 </dev/null\n"
                               f"echo $? >&{self._status}\n".encode())
        self._bash.stdin.flush()
        if not select.select([self._statuses], [], [], PATIENCE_S)[0]:
            return f"it does not end: {command}"
        status = int(self._statuses.readline())
        printed = output.read_text().replace(self.url, "http://127.0.0.1:8002")
        if shown and not self._meanings.match(shown, printed):
            return f"{command}\n  it printed\n{printed}\n  and the document shows\n{shown}"
        if not shown and (status != 0 or '"/problems/' in printed):
            return f"{command}\n  ended with {status} and printed\n{printed}"
        return None

    def ask(self, method, target, body, headers=()):
        """Sends a request of the document. Returns what is wrong with the answer, or nothing."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"),
                                                timeout=PATIENCE_S)
        body = self.here(body)
        type_of_body = {"Content-Type": "application/json"} if body else {}
        connection.request(method, target, body.encode(), type_of_body | dict(headers))
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return None if answer.status < 300 else f"{method} {target} {body}: {answer.status} {said}"

    def check_settings(self, text, lacks=()):
        """Whether these could be the file of a server, but for what this machine lacks."""
        file = self.folder / "checked.toml"
        file.write_text(text)
        checked = subprocess.run([self._errand, "check-config", file], capture_output=True,
                                 text=True, env={"PATH": os.environ["PATH"]})
        wrong = [line for line in checked.stderr.splitlines()
                 if ": warning: " not in line and not any(word in line for word in lacks)]
        if wrong or (checked.returncode != 0 and not lacks):
            return checked.stderr
        return None
