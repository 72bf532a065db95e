#!/usr/bin/python3
"""tests/openapi/walk.py PROGRAM: walks every operation of the document that the program serves, with
good and with broken requests, and holds each answer against what the document says of it. What
fails is told on standard output; exit status 1 then.

The requests come from the document: its examples are what must succeed, its schemas say what else
must, and what must not. So an operation, a field, a parameter or an answer that the server has and
the document has not (or the reverse) is a failure, and not a gap."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

from document import Document  # noqa: E402
from program import Program  # noqa: E402
import bodies  # noqa: E402
import refusals  # noqa: E402
import successes  # noqa: E402
from report import Report  # noqa: E402

# Come about by time, load or mistakes: the tests in C++ bring these about.
NOT_TO_BE_HAD = {408, 500, 503}


def check_coverage(report, operation):
    """Each answer that is documented was seen, or can't be had."""
    for status, response in operation.responses.items():
        in_flight_only = response.get("$ref", "").endswith("/InFlight")
        if int(status) not in operation.seen | NOT_TO_BE_HAD and not in_flight_only:
            report.fail(operation, f"the status {status} is documented, and never came")


def main():
    with Program(sys.argv[1]) as program:
        document = Document(program.ask("GET", "/openapi.json").body)
        report = Report()
        # What examples would call stays where it is: no test speaks to the Internet.
        program.ask("PUT", "/v1/queues/callbacks", {"paused": True})
        for operation in document.operations:
            successes.walk(report, program, operation)
            bodies.walk(report, program, operation)
            refusals.walk(report, program, operation)
        successes.walk_rarer(report, program, document)
        successes.follow_events(report, program, document)
        refusals.walk_methods(report, program, document)
        for operation in document.operations:
            check_coverage(report, operation)
        for field in document.unseen_fields():
            report.fail(None, f"{field} is documented, and no answer had it")
        return report.result(len(document.operations), program)


if __name__ == "__main__":
    sys.exit(main())
