"""What must be there before an operation can succeed, and how the rarer answers come about. An
operation that needs something and has no line here fails the walk."""

import time

from program import target

FAR_AHEAD = {"kind": "noop", "delay_s": 3600}


def delete(program, path):
    program.ask("DELETE", path)


def task_ahead(program):
    return {"id": program.task(FAR_AHEAD)}


def task_ended(program):
    return {"id": program.task({"kind": "sleep", "args": {"seconds": 0}}, wait=True)}


def task_running(program):
    """Runs as a lease, for as long as that holds."""
    task = program.task({"kind": "walked", "queue": "walked"})
    leased = program.ask("POST", "/v1/leases", {"worker": "walker", "queues": ["walked"],
                                                "max": 1000, "wait_s": 5})
    assert task in [each["task"]["id"] for each in leased.json()["leases"]], leased
    return {"id": task}


def queue(program):
    program.task({"kind": "noop", "queue": "mail", "delay_s": 3600})
    assert program.ask("PUT", "/v1/queues/mail", {}).status == 200
    return {"queue": "mail"}


def schedule(program, **more):
    spec = {"every_s": 3600, "task": {"kind": "noop"}, **more}
    name = "reports/nightly"
    delete(program, target("/v1/schedules/{name}", {"name": name}))
    assert program.ask("PUT", "/v1/schedules/" + name, spec).status == 201
    return {"name": name}


def no_schedule(program):
    values = schedule(program)
    delete(program, target("/v1/schedules/{name}", values))
    return values


def leases(program):
    """Something to lease."""
    for name in ("default", "mail"):
        program.task({"kind": "resize", "queue": name, "after": []})
    return {}


def two_of_each(program):
    for name in ("mail", "news"):
        program.task({**FAR_AHEAD, "queue": name})
        program.ask("PUT", "/v1/schedules/" + name, {"every_s": 3600, "task": {"kind": "noop"}})
    return {}


def nothing(_):
    return {}


# What the parameters in the path of each operation stand for.
SETUPS = {
    "get_task": task_ended, "delete_task": task_ahead, "cancel_task": task_ahead,
    "retry_task": task_ended, "explain_task": task_ahead, "get_log": task_ended,
    "get_schedule": schedule, "put_schedule": no_schedule, "delete_schedule": schedule,
    "run_schedule": schedule, "pause_schedule": schedule, "resume_schedule": schedule,
    "get_queue": queue, "put_queue": queue, "pause_queue": queue, "resume_queue": queue,
    "purge_queue": queue, "dismiss_worker": lambda _: {"name": "mailer-1"},
    "list_tasks": two_of_each, "list_queues": two_of_each, "list_schedules": two_of_each,
    "lease_tasks": leases,
}


def token_of_a_lease(program):
    program.task({"kind": "walked", "queue": "walked"})
    leased = program.ask("POST", "/v1/leases", {"worker": "walker", "queues": ["walked"],
                                                "wait_s": 5, "lease_s": 600})
    return leased.json()["leases"][0]["token"]


def with_real_tokens(program, body):
    """An example's tokens are of no lease; the answers to those say `lost`."""
    if isinstance(body, dict) and isinstance(body.get("leases"), list):
        return {**body, "leases": [{**each, "token": token_of_a_lease(program)}
                                   for each in body["leases"]]}
    return body


def unique(on_conflict):
    return {**FAR_AHEAD, "unique": {"key": "walked", "on_conflict": on_conflict}}


def submit_twice(on_conflict):
    def ask(program):
        program.ask("POST", "/v1/tasks", unique("return"))
        return program.ask("POST", "/v1/tasks", unique(on_conflict))
    return ask


def batch_twice(program):
    program.ask("POST", "/v1/tasks", unique("return"))
    return program.ask("POST", "/v1/tasks/batch", {"tasks": [unique("reject")]})


def batch_of_duplicates(program):
    program.ask("POST", "/v1/tasks", unique("return"))
    return program.ask("POST", "/v1/tasks/batch", {"tasks": [unique("return"), {"kind": "none"}]})


def order(path, setup, method="POST"):
    return lambda program: program.ask(method, target(path, setup(program)))


def run_twice(task, overlap):
    def ask(program):
        values = schedule(program, task=task, overlap=overlap)
        path = target("/v1/schedules/{name}/run", values)
        assert program.ask("POST", path).status in (200, 202)
        return program.ask("POST", path)
    return ask


def lease_with_upstream(program):
    first = program.task({"kind": "echo", "args": {"a": [1]}}, wait=True)
    program.task({"kind": "walked", "queue": "walked", "after": [first], "group": "g",
                  "unique": {"key": first}, "expires_in_s": 600})
    return program.ask("POST", "/v1/leases", {"worker": "walker", "queues": ["walked"],
                                              "wait_s": 5, "max": 1000})


def failed_task(program):
    task = program.task({"kind": "sleep", "args": "no number", "max_attempts": 1,
                         "retry": {"min_backoff_s": 0}}, wait=True)
    return program.ask("GET", "/v1/tasks/" + task)


def put_again(program):
    values = schedule(program)
    return program.ask("PUT", target("/v1/schedules/{name}", values),
                       {"every_s": 60, "task": {"kind": "none"}})


def schedule_that_skips(program):
    """It fires once; then its task is in its own way."""
    values = schedule(program, every_s=0.1, task=FAR_AHEAD, overlap="skip")
    path = target("/v1/schedules/{name}", values)
    answer = program.ask("GET", path)
    deadline = time.monotonic() + 30
    while (answer.json()["last_outcome"] or {}).get("outcome") != "skipped":
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)
        answer = program.ask("GET", path)
    delete(program, path)
    return answer


def tasks_of_a_schedule(program):
    schedule_that_skips(program)
    return program.ask("GET", "/v1/tasks?schedule=reports/nightly")


def explain_running(program):
    return program.ask("GET", target("/v1/tasks/{id}/explain", task_running(program)))


def workers_with_leases(program):
    task_running(program)
    return program.ask("GET", "/v1/workers")


# (operation, status it must answer, how to bring that about).
RARER = [
    ("submit_task", 200, submit_twice("return")),
    ("submit_task", 409, submit_twice("reject")),
    ("submit_batch", 409, batch_twice),
    ("submit_batch", 202, batch_of_duplicates),
    ("get_task", 200, failed_task),
    ("delete_task", 409, order("/v1/tasks/{id}", task_running, "DELETE")),
    ("cancel_task", 409, order("/v1/tasks/{id}/cancel", task_ended)),
    ("cancel_task", 200, order("/v1/tasks/{id}/cancel", task_running)),
    ("retry_task", 409, order("/v1/tasks/{id}/retry", task_ahead)),
    ("explain_task", 200, explain_running),
    ("put_schedule", 200, put_again),
    ("get_schedule", 200, schedule_that_skips),
    ("list_tasks", 200, tasks_of_a_schedule),
    ("run_schedule", 200, run_twice(unique("return"), "allow")),
    ("run_schedule", 409, run_twice(FAR_AHEAD, "skip")),
    ("lease_tasks", 200, lease_with_upstream),
    ("list_workers", 200, workers_with_leases),
]
