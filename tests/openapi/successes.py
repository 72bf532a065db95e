"""What must succeed: the examples of bodies and parameters, with every scope that suffices."""

from program import target
from setups import RARER, SETUPS, nothing, with_real_tokens
from values import written_parameter


def success_statuses(operation):
    return [int(status) for status in operation.responses if status.startswith("2")]


def values_for(program, operation):
    """Sets up what the operation needs, and gives its parameters of the path."""
    names = {p["name"] for p in operation.parameters_in("path")}
    setup = SETUPS.get(operation.id, nothing)
    values = setup(program)
    assert names <= set(values), f"{operation.id} needs a set-up (setups.py) for {names}"
    return values


def ask(program, operation, body=None, query=(), **more):
    """One request that should succeed, as far as it is not told otherwise."""
    values = values_for(program, operation)
    return program.ask(operation.method, target(operation.path, values, query), body, **more)


def bodies_of(operation):
    if operation.body is None:
        return [None]
    return operation.examples + ([] if operation.needs_body else [None])


def walk(report, program, operation):
    good = success_statuses(operation)
    if operation.body is not None and not operation.examples:
        report.fail(operation, "has no example of a body")
    for body in bodies_of(operation):
        for fault in operation.document.faults(operation.body, body) if body is not None else []:
            report.fail(operation, f"its own example does not fit: {fault}")
        for scope in [*operation.scopes, "admin"]:
            answer = ask(program, operation, with_real_tokens(program, body), token=scope)
            report.check(operation, f"with {body} and the scope {scope}", answer, good)
    first = bodies_of(operation)[0]
    walk_query(report, program, operation, first, good)
    walk_headers(report, program, operation, first, good)
    if operation.method == "GET":
        head = program.ask("HEAD", target(operation.path, values_for(program, operation)))
        report.check(operation, "as HEAD", head, good)
        if head.body:
            report.fail(operation, "HEAD has a body")
    if not operation.scopes:
        report.check(operation, "without a token", ask(program, operation, first, token=None), good)


def walk_query(report, program, operation, body, good):
    every = []
    for parameter in operation.parameters_in("query"):
        values = [parameter["example"]] if "example" in parameter else []
        values += operation.document.resolve(parameter["schema"]).get("enum", [])
        if not values and parameter["name"] != "cursor":
            report.fail(operation, f"the parameter {parameter['name']} has no example")
        for value in values:
            query = written_parameter(parameter, value)
            answer = ask(program, operation, body, query)
            report.check(operation, f"with the query {query}", answer, good)
        every += written_parameter(parameter, values[0]) if values else []
        if parameter["name"] == "cursor":
            walk_pages(report, program, operation, good)
    if every:
        answer = ask(program, operation, body, every)
        report.check(operation, f"with the query {every}", answer, good)


def walk_pages(report, program, operation, good):
    first = ask(program, operation, query=[("limit", "1")])
    cursor = first.json()["next_cursor"]
    if not cursor:
        return report.fail(operation, f"there should be a second page: {first}")
    answer = ask(program, operation, query=[("limit", "1"), ("cursor", cursor)])
    if report.check(operation, "for the second page", answer, good) and answer.body == first.body:
        report.fail(operation, "the second page is the first")


def walk_headers(report, program, operation, body, good):
    for parameter in operation.parameters_in("header"):
        name, value = parameter["name"], parameter["example"]
        if name == "Idempotency-Key":
            walk_keys(report, program, operation, body)
            continue
        answer = ask(program, operation, body, headers=[(name, value)],
                     query=[("follow", "true")] if operation.id == "get_log" else ())
        report.check(operation, f"with {name}: {value}", answer, good)
        if name == "Prefer" and answer.headers.get("preference-applied") != value:
            report.fail(operation, f"{name} was not honoured: {answer}")
        if name == "traceparent" and operation.id == "submit_task" \
                and answer.json().get("traceparent") != value:
            report.fail(operation, f"{name} was not kept: {answer}")
    answer = ask(program, operation, body, headers=[("X-Request-Id", "walked-1")])
    if answer.headers.get("x-request-id") != "walked-1":
        report.fail(operation, "X-Request-Id does not come back")


def walk_keys(report, program, operation, body):
    """The same request twice with a key, and another one with it."""
    path = target(operation.path, values_for(program, operation))
    key = [("Idempotency-Key", "walk-" + operation.id)]
    first = program.ask(operation.method, path, body, headers=key)
    again = program.ask(operation.method, path, body, headers=key)
    report.check(operation, "with a key", first)
    report.check(operation, "again with its key", again, [first.status])
    if again.headers.get("idempotent-replayed") != "true" or again.body != first.body:
        report.fail(operation, f"the first answer was not given again: {first}, then {again}")
    other = program.ask(operation.method, path + "?", body, headers=key)
    report.check(operation, "another request with its key", other, [422])
    bad = program.ask(operation.method, path, body, headers=[("Idempotency-Key", "no key")])
    report.check(operation, "with what is no key", bad, [400])


def walk_rarer(report, program, document):
    by_id = {operation.id: operation for operation in document.operations}
    for operation_id, status, bring_about in RARER:
        if operation_id not in by_id:
            report.fail(None, f"setups.py knows {operation_id}, and the document does not")
            continue
        report.check(by_id[operation_id], f"set up for {status}", bring_about(program), [status])


def follow_events(report, program, document):
    """Everything that the walk has made happen, as far as the server still has it."""
    by_id = {operation.id: operation for operation in document.operations}
    program.ask("PUT", "/v1/queues/walked", {"weight": 3})
    last = program.ask("PUT", "/v1/schedules/last", {"every_s": 60, "task": {"kind": "noop"}})
    assert last.status == 201, last

    def is_whole(answer):
        return b'"schedule":"last"' in answer.body and answer.body.endswith(b"\n\n")

    answer = program.ask("GET", "/v1/events", headers=[("Last-Event-ID", "0")], until=is_whole)
    report.check(by_id["stream_events"], "from the beginning", answer, [200])
    kinds = {event["event"].split(".")[0] for event in answer.events()}
    if kinds != {"gap", "task", "queue", "schedule"}:
        report.fail(by_id["stream_events"], f"only these kinds of events came: {kinds}")
    known = set(document.root["components"]["schemas"]["EventType"]["enum"]) | {"gap"}
    for event in answer.events():
        if event["event"] not in known:
            report.fail(by_id["stream_events"], f"{event['event']} is not documented")
    ended = program.task({"kind": "sleep", "args": {"seconds": 0}}, wait=True)
    answer = program.ask("GET", f"/v1/tasks/{ended}/log?follow=true",
                         until=lambda so_far: b"event: end" in so_far.body
                         and so_far.body.endswith(b"\n\n"))
    report.check(by_id["get_log"], "followed to its end", answer, [200])
    if [event["event"] for event in answer.events()] != ["log", "end"]:
        report.fail(by_id["get_log"], f"the stream is another: {answer}")
