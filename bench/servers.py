"""Starts and stops what is measured, each in a folder of its own below build/bench."""
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
from pathlib import Path

from load import HERE, get

BUILD = HERE.parent / "build" / "bench"
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's Tornado


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A process that answers HTTP on a port of its own; a context manager."""

    def __init__(self, name, ready_path):
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=BUILD))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready_path = ready_path
        self.process = None
        self.start_seconds = None  # from the start of the process to its first good answer

    def command(self):
        raise NotImplementedError

    def start(self):
        with open(self.folder / "log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while True:
            try:
                get(self.url + self.ready_path, timeout=5)
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None or time.monotonic() - began > 60:
                    sys.exit(f"{self.command()[0]} did not start:\n"
                             + (self.folder / "log").read_text()[-2000:])
                time.sleep(0.002)
        self.start_seconds = time.monotonic() - began

    def stop(self, how=signal.SIGKILL):
        if self.process:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)

    def memory_mb(self, field="VmRSS"):
        """VmRSS: resident now; VmHWM: the most that ever was."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise KeyError(field)


class Tornado(Server):
    def __init__(self):
        super().__init__("tornado", "/sleep")

    def command(self):
        return [PYTHON, str(HERE / "tornado_sleep.py"), f"--port={self.port}", "--logging=error"]


class Nginx(Server):
    def __init__(self):
        super().__init__("nginx", "/")
        conf = (HERE / "nginx.conf").read_text().replace("PORT", str(self.port))
        (self.folder / "nginx.conf").write_text(conf)

    def command(self):
        return ["/usr/sbin/nginx", "-p", str(self.folder), "-e", "error.log", "-c", "nginx.conf"]

    def stop(self, how=signal.SIGTERM):  # SIGKILL would leave its workers behind
        super().stop(how)


class Errand(Server):
    """The release build on a SQLite file on disk, durability commit, everything else as by default.
    `preloaded` is a store to begin with; it is copied."""

    def __init__(self, preloaded=None, workers=None):
        super().__init__("errand", "/readyz")
        self.workers = workers
        if preloaded:
            shutil.copy(preloaded, self.folder / "errand.db")

    def command(self):
        command = [str(BUILD / "errand"), "serve", "--listen", "127.0.0.1", "--port", str(self.port),
                   "--store", "sqlite:errand.db", "--durability", "commit"]
        return command + (["--workers", str(self.workers)] if self.workers else [])
