"""What a block can be held against. Each makes a function of a stage, a block and the root of the
sources, which returns what is wrong, or nothing."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "openapi"))

from document import Document  # noqa: E402

ELIDED = "…"


def not_run(reason):
    """Not to be had in a test, for that reason."""
    assert len(reason) > 10

    def check(*_):
        return None
    check.reason = reason
    return check


def tested_by(file, name):
    """The same is shown by a test of that name in that file."""
    def check(_, __, root):
        return None if name in without_breaks(root / file) else f"{file} has no {name!r}"
    return check


def without_breaks(path):
    """A source with its string literals that are broken into several put together."""
    return re.sub(r'"\s*\n\s*"', "", path.read_text())


def part_of(*files):
    """Each line stands in one of these files, in this order where they are of the same; blanks, and
    comments behind a line, do not count."""
    def check(_, block, root):
        sources = [" ".join((root / file).read_text().split()) for file in files]
        for line in filter(None, block.lines):
            code = " ".join(re.sub(r" +(//|#) .*", "", line).split())
            found = [n for n, source in enumerate(sources) if code in source]
            if not found:
                return f"{' and '.join(files)}: there is no {line!r}"
            sources[found[0]] = sources[found[0]].partition(code)[2]
        return None
    return check


def settings(lacks):
    """A configuration file, as far as this machine has what it names."""
    def check(stage, block, _):
        return stage.check_settings(block.text, lacks)
    return check


def sends(call, kind=None):
    """The body of that call, or the args of a task of that kind; the server takes it."""
    def check(stage, block, _):
        body = block.text if kind is None else f'{{"kind": "{kind}", "args": {block.text}}}'
        return stage.ask(*call.split(), body)
    return check


def answers(call, status=200):
    """What the API's document says of that call's answer; that the server answers so is the walk's
    to show (tests/openapi). What is elided is not looked at."""
    method, path = call.split()

    def check(_, block, root):
        document = Document((root / "http/openapi.json").read_text())
        operation = document.root["paths"][path][method.lower()]
        content = document.resolve(operation["responses"][str(status)])["content"]
        for line in block.lines:
            if line.startswith("event: "):  # A stream: each `data` is a document of its own.
                schema = content["text/event-stream"]["schema"]["contentSchema"]
                data = [line[6:] for line in block.lines if line.startswith("data: ")]
                return first_fault(document, schema, data)
        media = next(iter(content))
        if not media.endswith("json"):
            return next(iter(document.faults(content[media]["schema"], block.text)), None)
        return first_fault(document, content[media]["schema"], [block.text])
    return check


def first_fault(document, schema, texts):
    for text in texts:
        text = text.replace(f"{{{ELIDED}}}", '{"…": 0}').replace(f", {ELIDED}}}", ', "…": 0}')
        text = text.replace(f", {ELIDED}]", "]")
        for fault in document.errors(schema, json.loads(text)):
            if not is_elision(fault):
                return f"{fault.message[:300]} in {text}"
    return None


def is_elision(fault):
    """Whether a fault is only that something was left out."""
    if fault.instance == ELIDED or isinstance(fault.instance, dict) and ELIDED in fault.instance:
        return True
    branches = {}  # Of a oneOf: one that fits but for elisions will do.
    for inner in fault.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    return any(all(map(is_elision, branch)) for branch in branches.values())


def cmake_project():
    """A CMake project with Errand's tree in the folder errand/ configures so."""
    def check(_, block, root):
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder)
            (project / "errand").symlink_to(root)
            (project / "main.cpp").write_text("int main() {}\n")
            (project / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.25)\nproject(mine CXX)\n"
                "add_executable(mine main.cpp)\n" + block.text)
            made = subprocess.run(["cmake", "-S", project, "-B", project / "build"],
                                  capture_output=True, text=True)
        return None if made.returncode == 0 else made.stdout + made.stderr
    return check
