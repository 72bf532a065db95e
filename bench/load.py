"""Asks servers for something: by wrk for rates, by urllib for answers."""
import json
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass
class Load:
    """What one run of wrk found."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int  # answers of 400 and above
    broken: int  # connections or reads that failed, and time-outs

    @property
    def rate(self):
        return self.requests / self.seconds


def wrk_command(url, connections, seconds, post=None, script="load.lua"):
    """One thread of wrk; `post` is a JSON body, without it the request is a GET."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(HERE / script), url]
    return command + (["--", "POST", post] if post else [])


def wrk(url, connections, seconds, post=None, script="load.lua"):
    command = wrk_command(url, connections, seconds, post, script)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    load = Load(**json.loads(said.strip().splitlines()[-1]))
    if load.refused or load.broken:
        print(f"  {load.refused} refused, {load.broken} broken: {url}, {connections} connections")
    return load


def get(url, timeout=30):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read()


def get_json(url):
    return json.loads(get(url))


def post_json(url, value):
    body = json.dumps(value).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())
