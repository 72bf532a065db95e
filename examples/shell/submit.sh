#!/bin/sh
# Hands a task to Errand, waits for its end, and prints its result: submit.sh KIND [ARGS]
# ARGS is JSON, {} if left out. Needs curl alone. ERRAND_URL says where Errand is, ERRAND_TOKEN who
# we are (scope submit). Exit status: 0 it succeeded, 1 it did not (yet), 2 it was not taken.
set -eu

kind=${1:?usage: submit.sh KIND [ARGS]}
args=${2:-'{}'}
url=${ERRAND_URL:-http://127.0.0.1:8002}

# The token goes by standard input: on the command line others could read it.
ask() {
  if [ -n "${ERRAND_TOKEN:-}" ]; then
    printf 'header = "Authorization: Bearer %s"\n' "$ERRAND_TOKEN"
  fi | curl --silent --show-error --fail-with-body --config - "$@"
}

# With the key a second try makes no second task.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
accepted=$(ask --retry 5 --retry-connrefused -H 'Content-Type: application/json' \
  -H "Idempotency-Key: $key" --data "{\"kind\": \"$kind\", \"args\": $args}" "$url/v1/tasks") || {
  printf '%s\n' "$accepted" >&2
  exit 2
}

# The first one: args may have others.
id=$(printf '%s' "$accepted" | grep -o '"id":"[0-9a-f-]*"' | head -n 1 | cut -d '"' -f 4)
task=$(ask --retry 5 "$url/v1/tasks/$id?wait_s=60") || {
  printf '%s\n' "$task" >&2
  exit 1
}
printf '%s\n' "$task"
# There the state comes first, and no args or result can look like it.
case $(ask --retry 5 "$url/v1/tasks/$id/explain") in
'{"state":"succeeded"'*) ;;
*) exit 1 ;;
esac
