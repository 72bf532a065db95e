"""What must be refused whatever the operation does: for its token, its path, its query, its form."""

import re

from program import HOST, SCOPES, target
from successes import ask, bodies_of, success_statuses
from values import NEVER_ISSUED, TEXTS, read_parameter


def walk(report, program, operation):
    body = bodies_of(operation)[0]
    walk_access(report, program, operation, body)
    walk_form(report, program, operation, body)
    walk_path(report, program, operation, body)
    walk_query(report, program, operation, body)
    if operation.method == "POST" and operation.body is None:
        answer = ask(program, operation, {"x": 1})
        report.check(operation, "with a body", answer, [422])
    if operation.body is not None:
        walk_media(report, program, operation)


def walk_access(report, program, operation, body):
    if not operation.scopes:
        return
    for token in (None, "errand_that_nobody_knows"):
        answer = ask(program, operation, body, token=token)
        report.check(operation, f"with the token {token}", answer, [401])
    for scope in SCOPES:
        if scope not in operation.scopes and scope != "admin":
            answer = ask(program, operation, body, token=scope)
            report.check(operation, f"with the scope {scope}", answer, [403])
    twice = [("Authorization", "Bearer " + program.tokens["admin"])]
    report.check(operation, "with two tokens", ask(program, operation, body, headers=twice), [400])
    page = [("Origin", "https://evil.example")]
    report.check(operation, "from a foreign page", ask(program, operation, body, headers=page),
                 [403])
    answer = ask(program, operation, body, headers=[("Host", "evil.example")])
    report.check(operation, "for another host", answer, [421])


def walk_form(report, program, operation, body):
    path = target(operation.path, {p["name"]: "x" for p in operation.parameters_in("path")})
    for status, what in [(414, {"path": path + "?" + "x" * 9000}),
                         (417, {"headers": [("Expect", "a wonder")]}),
                         (431, {"headers": [("X-Long", "x" * 9000)]}),
                         (413, {"headers": [("Content-Length", str(10**9))]}),
                         (415, {"headers": [("Content-Encoding", "gzip")], "body": "{}"}),
                         (505, {"version": "HTTP/2.0"}),
                         (400, {"headers": [("Content-Length", "many")]})]:
        answer = program.ask(operation.method, what.pop("path", path), **what)
        report.check(operation, f"made for {status}", answer, [status])


def walk_media(report, program, operation):
    text = "{}"
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        answer = ask(program, operation, text, headers=[("Content-Type", content_type)])
        report.check(operation, f"as {content_type}", answer, [415])
    for broken in ["{", '{"a": 1}}', "nonsense", '{"a": "\x01"}', *[""] * operation.needs_body]:
        answer = ask(program, operation, broken)
        report.check(operation, f"with {broken!r}", answer, [400])


def walk_path(report, program, operation, body):
    """What is not there, and what can't be."""
    names = [p["name"] for p in operation.parameters_in("path")]
    if not names:
        return
    # Names of its own, since a PUT makes what has not been there.
    for value in ["none-for-" + operation.id.replace("_", "-"), *[NEVER_ISSUED] * ("id" in names)]:
        answer = program.ask(operation.method, target(operation.path, {n: value for n in names}),
                             body)
        good = [404] if operation.documents(404) else success_statuses(operation)
        report.check(operation, f"for {value}", answer, good)
    answer = program.ask(operation.method, target(operation.path, {n: "a b" for n in names}), body)
    if operation.path.startswith("/v1/tasks/"):  # Then the path is another, and no operation's.
        if answer.status != 404:
            report.fail(operation, f"a task 'a b': {answer}")
    else:
        report.check(operation, "for 'a b'", answer)


def walk_query(report, program, operation, body):
    answer = ask(program, operation, body, query=[("zzzzzzzz", "1")])
    if not operation.documents(422):
        return report.check(operation, "with a parameter", answer, success_statuses(operation))
    report.check(operation, "with an unknown parameter", answer, [422])
    check_list(report, operation, answer)
    for parameter in operation.parameters_in("query"):
        if parameter["name"] == "tags":
            walk_tags(report, program, operation)
            continue
        for text in TEXTS:
            walk_text(report, program, operation, body, parameter, text)
    return None


def check_list(report, operation, answer):
    """The parameters that the server says it knows are those of the document."""
    listed = re.search("known are (.+)", answer.json()["errors"][0]["detail"])
    known = {"tag.NAME" if p["name"] == "tags" else p["name"]
             for p in operation.parameters_in("query")}
    told = set(listed[1].split(", ")) if listed else set()
    if told != known:
        report.fail(operation, f"the server knows the parameters {told}, the document {known}")


def walk_text(report, program, operation, body, parameter, text):
    name, document = parameter["name"], operation.document
    query = [(name, text)]
    if document.faults(parameter["schema"], read_parameter(document, parameter, text)):
        answer = ask(program, operation, body, query)
        if report.check(operation, f"with {query}"[:200], answer, [422]) \
                and "?" + name not in [e["pointer"] for e in answer.json()["errors"]]:
            report.fail(operation, f"with {query}: ?{name} is not named: {answer}")
    elif name != "cursor":
        report.check(operation, f"with {query}"[:200], ask(program, operation, body, query),
                     success_statuses(operation))
    else:
        report.check(operation, f"with {query}"[:200], ask(program, operation, body, query))


def walk_tags(report, program, operation):
    for query, status in [([("tag.a", "1"), ("tag.b", "2")], 200), ([("tag.a b", "1")], 422),
                          ([("tag.a", "x" * 300)], 422), ([("tag.a", "1"), ("tag.a", "2")], 422)]:
        report.check(operation, f"with {query}"[:200], ask(program, operation, query=query),
                     [status])


def matcher(path):
    """What requests a path of the document takes; names may have slashes in them."""
    step = {"{id}": "[^/]+"}
    return "".join(step.get(part, ".+") if part.startswith("{") else re.escape(part)
                   for part in re.split(r"(\{\w+\})", path))


def walk_methods(report, program, document):
    """Every other method on every path: 405 that allows what the document has there."""
    for path in document.root["paths"]:
        sample = target(path, {name: NEVER_ISSUED for name in re.findall(r"\{(\w+)\}", path)})
        here = {o.method: o for o in document.operations
                if re.fullmatch(matcher(o.path), sample)}
        allow = set(here) | {"OPTIONS"} | ({"HEAD"} if "GET" in here else set())
        some = next(iter(here.values()))
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            if method in here:
                continue
            answer = program.ask(method, sample)
            told = set(answer.headers.get("allow", "").split(", "))
            if answer.status != (204 if method == "OPTIONS" else 405) or told != allow:
                report.fail(some, f"{method} {sample}: the document has {allow}: {answer}")
            if method != "OPTIONS":
                schema = document.root["components"]["schemas"]["Problem"]
                for fault in document.faults(schema, answer.json()):
                    report.fail(some, f"{method} {sample}: {fault}")
    answer = program.ask("GET", "/no/such/path", headers=[("Host", HOST)])
    if answer.status != 404:
        report.fail(None, f"a path that there is not: {answer}")
