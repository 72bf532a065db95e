"""Holds docs/monitoring/ against a server after real work: promtool finds nothing in its metrics and
in the alerts, every metric that the dashboard and the alerts name is one that the server has, and
README.md lists each.

Usage: check.py PART PROGRAM, with PART one of metrics, alerts, names. Exit 77: skipped, and standard
output says why."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent
DOCS = TESTS.parent.parent / "docs" / "monitoring"
sys.path.insert(0, str(TESTS.parent / "openapi"))
from program import Program  # noqa: E402

NAME = re.compile(r"\b(?:errand|process)_[a-z_]+\b")


def promtool(*arguments, text=None):
    path = shutil.which("promtool")
    if path is None:
        print("SKIPPED: there is no promtool here; Debian has it in the package prometheus")
        raise SystemExit(77)
    done = subprocess.run([path, *arguments], input=text, capture_output=True, text=True)
    print(done.stdout + done.stderr)
    assert done.returncode == 0, f"promtool {' '.join(arguments)}: exit status {done.returncode}"
    assert not done.stderr.strip(), "promtool has something to say"


def work(program):
    """What makes a sample of every metric: tasks that end in every way, workers outside, requests
    that are refused."""
    for spec in ({"kind": "echo", "args": 1}, {"kind": "sleep", "args": {"seconds": 0}},
                 {"kind": "exec", "args": {}, "max_attempts": 1}):
        program.task(spec, wait=True)
    ahead = program.task({"kind": "noop", "queue": "later",
                          "delay_s": 3600})
    assert program.ask("POST", f"/v1/tasks/{ahead}/cancel").status == 200
    program.task({"kind": "resize", "queue": "leased"})
    leased = program.ask("POST", "/v1/leases", {"worker": "w", "queues": ["leased"], "wait_s": 10})
    assert len(leased.json()["leases"]) == 1, leased
    token = leased.json()["leases"][0]["token"]
    ended = program.ask("POST", "/v1/leases/finish",
                        {"leases": [{"token": token, "outcome": "failed"}]})
    assert ended.json()["leases"][0]["task"]["state"] == "retrying", ended
    assert program.ask("POST", "/v1/tasks", "{").status == 400
    assert program.ask("GET", "/no/such/path").status == 404
    with_events = program.ask("GET", "/v1/events?types=task.queued", until=lambda _: True)
    assert with_events.status == 200


def scraped(program):
    """The metrics, once they tell of the work's last step that others do."""
    deadline = time.monotonic() + 30
    while True:
        answer = program.ask("GET", "/metrics", token="read")
        assert answer.status == 200, answer
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = answer.body.decode()
        if 'errand_attempts_retried_total{queue="leased",kind="resize"} 1\n' in text:
            return text
        assert time.monotonic() < deadline, text
        time.sleep(0.05)


def families(text):
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def names_of_samples(kinds):
    """What may be asked for: the families, and the parts of histograms."""
    names = set(kinds)
    for name, kind in kinds.items():
        if kind == "histogram":
            names |= {name + part for part in ("_bucket", "_count", "_sum")}
    return names


def check_consistency(text, kinds):
    """Every family has a sample; counters are named as such; buckets only grow, the last one is the
    count."""
    values = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert name not in values, f"{name} is there twice"
            values[name] = float(value)
    for name, kind in kinds.items():
        first = name + ("_count" if kind == "histogram" else "")
        assert any(re.match(re.escape(first) + r"({|$)", each) for each in values), \
            f"{name} has no sample"
        assert (kind == "counter") == name.endswith("_total"), name
        if kind != "histogram":
            continue
        for count in [each for each in values if re.match(re.escape(first) + r"({|$)", each)]:
            labels = count[len(first):].strip("{}")
            prefix = name + "_bucket{" + (labels + "," if labels else "") + 'le="'
            buckets = [value for each, value in values.items() if each.startswith(prefix)]
            assert len(buckets) > 5 and buckets == sorted(buckets), f"{count}: {buckets}"
            assert buckets[-1] == values[count] == values[prefix + '+Inf"}'], count
    print(f"{len(kinds)} families, {len(values)} samples, {len(text)} bytes")


def metrics(program):
    work(program)
    text = scraped(program)
    check_consistency(text, families(text))
    promtool("check", "metrics", text=text)


def alerts(_):
    promtool("check", "rules", str(DOCS / "alerts.yml"))
    promtool("test", "rules", str(TESTS / "alerts_test.yml"))


def expressions(panels):
    for panel in panels:
        yield from (target["expr"] for target in panel.get("targets", []))
        yield from expressions(panel.get("panels", []))


def names(program):
    work(program)
    kinds = families(scraped(program))
    known = names_of_samples(kinds)
    dashboard = json.loads((DOCS / "dashboard.json").read_text())
    rules = (DOCS / "alerts.yml").read_text()
    readme = (DOCS / "README.md").read_text()
    variables = " ".join(each["query"] for each in dashboard["templating"]["list"])
    on_dashboard = set(NAME.findall(" ".join(expressions(dashboard["panels"])) + variables))
    in_rules = set(NAME.findall(rules))
    assert len(on_dashboard) > 20 and len(in_rules) > 8, (on_dashboard, in_rules)
    unknown = (on_dashboard | in_rules) - known
    assert not unknown, f"the server has no such metrics: {sorted(unknown)}"
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", readme, re.MULTILINE))
    assert listed == set(kinds), f"README.md and the server differ: {sorted(listed ^ set(kinds))}"
    for title in [panel["title"] for panel in dashboard["panels"] if panel["type"] != "row"]:
        assert f"**{title}**" in readme, f"README.md does not tell of the panel {title!r}"
    for alert in re.findall(r"- alert: (\w+)", rules):
        assert f"`{alert}`" in readme, f"README.md does not tell of the alert {alert}"
        assert alert in (TESTS / "alerts_test.yml").read_text(), f"{alert} has no test"


def main():
    part = {"metrics": metrics, "alerts": alerts, "names": names}[sys.argv[1]]
    with Program(sys.argv[2]) as program:
        part(program)


main()
