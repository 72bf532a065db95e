"""What becomes of blocks that are neither shell sessions, nor requests, nor settings: those are run as
they are. By document and first line. A block that is not here fails the test; so does an entry
without a block."""

from checks import answers, cmake_project, not_run, part_of, sends, settings, tested_by

BUILDS = not_run("installs packages, and builds; the tests come out of the same build")
DOCKER = not_run("needs a Docker engine")

LISTED = {
    "README.md": {
        "./scripts/run      # installs what the build needs (apt), builds, serves on 127.0.0.1:8002":
            BUILDS,
        "docker build -f docker/Dockerfile -t errand .": DOCKER,
        "#include <errand/errand.hpp>":
            tested_by("tests/server/embedding_doc_test.cpp",
                      "what README.md shows of embedding is run by a test"),
    },
    "docs/actors.md": {
        "// Actors of a program beside the server's. PROOFREADER is a worker: it runs tasks of the "
        "kind":
            part_of("examples/embedding/actors.cpp"),
    },
    "docs/configuration.md": {
        # The program, folder and user of the example.
        '[exec.resize]                      # {"kind": "exec", "args": {"command": "resize", '
        '"args": {"size": "80x80", "file": "a.png"}}}':
            settings(lacks=("/usr/bin/convert", "/var/lib/pictures", "pictures")),
    },
    "docs/embedding.md": {
        "set(CMAKE_CXX_STANDARD 20)": cmake_project(),
        "// GET /sleep is answered at once, and a worker does the sleeping: once for each answer, "
        "also if the":
            tested_by("tests/server/embedding_doc_test.cpp",
                      "docs/embedding.md shows the smallest example as it is"),
        "// The test of a program that embeds the server: no threads, no HTTP, and a clock of its own.":
            tested_by("tests/server/embedding_doc_test.cpp",
                      "docs/embedding.md shows the test of a program as it is"),
        "find_package(errand 0.1 REQUIRED)":
            tested_by("tests/install/library_test", "examples/installed"),
        "g++ -std=c++20 main.cpp $(pkg-config --cflags --libs errand)":
            tested_by("tests/install/library_test", "As docs/embedding.md has it"),
        "struct ResizeArgs { std::string from, to; int factor = 0; };":
            part_of("examples/embedding/resize.cpp"),
    },
    "docs/getting_started.md": {
        "./scripts/run": BUILDS,
        "docker build -f docker/Dockerfile -t errand .": DOCKER,
    },
    "docs/http_api.md": {
        '{"kind": "echo", "args": {"n": 1}, "queue": "mail", "priority": 10, "delay_s": 2.5,':
            sends("POST /v1/tasks"),
        '{"url": "https://example.com/resize", "method": "POST", "headers": {"Authorization": '
        '"Bearer …"},':
            sends("POST /v1/tasks", kind="http"),
        'import { Webhook } from "standardwebhooks";': part_of("tests/webhooks/receiver.mjs"),
        '{"tasks": [{"kind": "resize", "args": {"image": 1}, "ref": "one"},':
            sends("POST /v1/tasks/batch"),
        '{"tasks": [{"id": "…", "state": "queued", "ref": "one"}, {"id": "…", "state": "queued"},':
            answers("POST /v1/tasks/batch", 202),
        '{"filter": {"state": ["failed", "cancelled"], "queue": "mail", "tag.tenant": "acme",':
            sends("POST /v1/tasks/retry"),
        '{"state": "queued", "position": 3, "reasons": [': answers("GET /v1/tasks/{id}/explain"),
        "2026-11-22T21:00:00.123Z #1 fetching 20 pages": answers("GET /v1/tasks/{id}/log"),
        "id: 1": answers("GET /v1/tasks/{id}/log"),
        "id: 1795381200123456": answers("GET /v1/events"),
        '{"concurrency": 4, "group_concurrency": 1, "rate": {"limit": 100, "per_s": 60}, '
        '"weight": 2,':
            sends("PUT /v1/queues/mail"),
        '{"name": "mail", "concurrency": 4, "group_concurrency": null, "rate": null, "weight": 1,':
            answers("GET /v1/queues/{queue}"),
        '{"counts": {…}, "oldest_queued_age_s": 3.2, "last_minute": {…}, "last_hour": {…},':
            answers("GET /v1/stats"),
        "Authorization: Bearer errand_N7xk…":
            tested_by("tests/protocol/access_test.cpp", "Authorization: Bearer "),
        '{"type": "/problems/invalid", "title": "Not valid", "status": 422,':
            answers("POST /v1/tasks", 422),
    },
    "docs/install.md": {
        "errand check-config /etc/errand/errand.toml && systemctl restart errand":
            not_run("is for a machine with the service"),
    },
    "docs/monitoring/README.md": {
        "errand token new --name prometheus --scope read >/etc/prometheus/errand.token":
            not_run("is for Prometheus' own machine"),
    },
    "docs/lifecycle.md": {
        "stateDiagram-v2": tested_by("tests/task/state_test.cpp",
                                     "docs/lifecycle.md draws exactly the arrows that there are"),
    },
    "docs/operations.md": {
        "rm -f errand.db errand.db-wal errand.db-shm":
            tested_by("tests/docs/backup_test", 'commands_below(root, "rm -f errand.db")'),
    },
    "examples/README.md": {
        './scripts/run                                  # in one terminal; wait for "listening"':
            not_run("builds, and serves in terminals of its own; tests/examples runs what it names"),
    },
}
