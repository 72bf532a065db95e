"""Every field of every body, with many values: the server must take what the schema finds good, and
refuse by its name what the schema refuses."""

import json
import re

from successes import ask
from values import (ANY, around, at, beyond_schemas, changed, has, is_opaque, objects, text_of,
                    without)

UNKNOWN = "zzzzzzzz"  # Like no name that there is, so that the refusal lists those.


def walk(report, program, operation):
    if operation.body is None:
        return
    document = operation.document
    for pointer, schema in objects(document, operation.body):
        base = next((e for e in operation.examples if has(e, pointer)), None)
        if base is None:
            report.fail(operation, f"no example has {text_of(pointer)}")
            continue
        if not isinstance(at(base, pointer), dict):
            continue
        walk_names(report, program, operation, base, pointer, schema)
        for name, each in document.properties(schema).items():
            fitting = next((e for e in operation.examples if has(e, pointer + (name,))), base)
            walk_values(report, program, operation, fitting, pointer + (name,), each)
    for value in (None, 1, "x", [], True):
        if document.faults(operation.body, value):
            answer = ask(program, operation, json.dumps(value))
            expect_refusal(report, operation, f"with {value!r} for its body", answer, None)


def walk_names(report, program, operation, base, pointer, schema):
    """Fields that are missing, and one that there is not."""
    document = operation.document
    for name in document.required(schema):
        bare = without(base, pointer + (name,)) if has(base, pointer + (name,)) else base
        answer = ask(program, operation, bare)
        expect_refusal(report, operation, f"without {text_of(pointer + (name,))}", answer,
                       pointer + (name,))
    answer = ask(program, operation, changed(base, pointer + (UNKNOWN,), 1))
    what = f"with an unknown field in {text_of(pointer) or 'the body'}"
    if not expect_refusal(report, operation, what, answer, pointer + (UNKNOWN,)):
        return
    listed = re.search(r"(?:there are|known are) ([^;]+)", details(answer, pointer + (UNKNOWN,)))
    if listed:
        known = set(document.properties(schema)) | (
            {"tag.NAME"} if any("patternProperties" in p for p in document.parts(schema)) else set())
        for name in set(listed[1].split(", ")) - known:
            report.fail(operation, f"{text_of(pointer)}/{name} is not in the document")


def walk_values(report, program, operation, base, pointer, schema):
    document = operation.document
    tried = []
    for value in [*ANY, *around(document, schema)]:
        if any(value is t or (type(value) is type(t) and value == t) for t in tried):
            continue
        tried.append(value)
        body = changed(base, pointer, value)
        what = f"with {value!r} for {text_of(pointer)}"[:200]
        if document.faults(operation.body, body):
            by_itself = bool(document.faults(schema, value))
            expect_refusal(report, operation, what, ask(program, operation, body),
                           pointer if by_itself else None)
        elif not is_opaque(document, schema) and not beyond_schemas(body) \
                and not (pointer[-1] == "wait_s" and value):  # It would wait.
            report.check(operation, what, ask(program, operation, body), [200, 201, 202, 409])


def details(answer, pointer):
    return next((e["detail"] for e in answer.json().get("errors", [])
                 if e["pointer"] == text_of(pointer)), "")


def expect_refusal(report, operation, what, answer, pointer):
    """422 that names the field, if one is told, or something in it."""
    if not report.check(operation, what, answer, [422]):
        return False
    named = [e["pointer"] for e in answer.json().get("errors", [])]
    if pointer is not None and not any(n.startswith(text_of(pointer)) for n in named):
        report.fail(operation, f"{what}: {text_of(pointer)} is not named: {answer}")
        return False
    return True
