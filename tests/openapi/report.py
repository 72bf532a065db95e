"""What the walk found."""


class Report:
    def __init__(self):
        self._requests = 0
        self._failures = []

    def fail(self, operation, text):
        name = f"{operation.method} {operation.path}" if operation else "the document"
        self._failures.append(f"{name}: {text}")

    def check(self, operation, what, answer, statuses=None):
        """Notes where the answer is not as the document says, or its status none of those that are
        expected of this request. Gives back whether all is well."""
        self._requests += 1
        faults = operation.faults(answer)
        if statuses is not None and answer.status not in statuses:
            faults.append("expected " + " or ".join(map(str, statuses)))
        for fault in faults:
            self.fail(operation, f"{what}: {fault}; the answer: {answer}")
        return not faults

    def result(self, operations, program):
        print(f"{self._requests} answers of {operations} operations")
        for failure in self._failures[:60]:
            print("FAILED:", failure)
        if len(self._failures) > 60:
            print(f"... and {len(self._failures) - 60} more")
        if any('"level":"error"' in line for line in program.log().splitlines()):
            print("FAILED: the server logged an error:", program.log()[-2000:])
            return 1
        return 1 if self._failures or self._requests == 0 else 0
