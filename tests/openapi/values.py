"""Values for fields and parameters, good and bad ones; the schemas tell which is which."""

import copy
import re
from datetime import datetime, timezone

from document import time_of

NEVER_ISSUED = "01a205ce-37dc-7000-8b74-d84829a7be48"  # But well formed.

ANY = [None, True, False, 0, 1, -1, 1.5, 10**12, "", "x", "a b", "x" * 300, "2099-01-01T00:00:00Z",
       "2099-13-01T00:00:00Z", "1969-12-31T23:59:59Z", "2099-01-01", NEVER_ISSUED, [], ["x"], [1], [[]], {},
       {"x": "y"}, {"x": 1}, {"zzzzzzzz": []}]

TEXTS = ["", "x", "a b", "0", "1", "-1", "1.5", "1001", "301", "x" * 300, "true", "false", "yes",
         "2099-01-01T00:00:00Z", "2099-01-01", NEVER_ISSUED]

# Texts in languages of their own, of which no schema can say that they are wrong.
OPAQUE_FORMATS = {"cron", "time-zone", "cursor"}


def at(value, pointer):
    for step in pointer:
        value = value[step]
    return value


def has(value, pointer):
    try:
        at(value, pointer)
        return True
    except (KeyError, IndexError, TypeError):
        return False


def changed(value, pointer, new):
    value = copy.deepcopy(value)
    at(value, pointer[:-1])[pointer[-1]] = new
    return value


def without(value, pointer):
    value = copy.deepcopy(value)
    del at(value, pointer[:-1])[pointer[-1]]
    return value


def text_of(pointer):
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def objects(document, schema, pointer=()):
    """Each object that a body may have, outermost first: its pointer and schema."""
    parts = list(document.parts(schema))
    if any("properties" in part for part in parts):
        yield pointer, schema
        for name, each in document.properties(schema).items():
            yield from objects(document, each, pointer + (name,))
    for part in parts:
        if "items" in part:
            yield from objects(document, part["items"], pointer + (0,))


def around(document, schema):
    """What lies on both sides of the limits that a schema names, and its words."""
    for part in document.parts(schema):
        for word in ("minimum", "maximum", "exclusiveMinimum"):
            if word in part:
                yield from (part[word] - 1, part[word], part[word] + 1)
        for size in ("minLength", "maxLength"):
            if size in part:
                yield from ("x" * (part[size] - 1) if part[size] else "", "x" * part[size],
                            "x" * (part[size] + 1))
        yield from part.get("enum", [])
        if "example" in part:
            yield part["example"]


def is_opaque(document, schema):
    return any(part.get("format") in OPAQUE_FORMATS for part in document.parts(schema))


def time_in(body, name):
    """The time that such a field holds; None if it holds none."""
    return time_of(body[name]) if isinstance(body.get(name), str) else None


def in_order(earlier, later):
    return earlier is None or later is None or earlier < later


def beyond_schemas(value):
    """Whether something is wrong with a body that its schema finds good: how two fields go
    together, or with the clock."""
    if isinstance(value, list):
        return any(map(beyond_schemas, value))
    if not isinstance(value, dict):
        return False
    return (value.get("min_backoff_s", 1) > value.get("max_backoff_s", 3600)
            or ("expires_in_s" in value and value.get("delay_s", 0) >= value["expires_in_s"])
            or not in_order(time_in(value, "run_at"), time_in(value, "expires_at"))
            or not in_order(datetime.now(timezone.utc), time_in(value, "until"))
            or not in_order(datetime.now(timezone.utc), time_in(value, "paused_until"))
            or any(map(beyond_schemas, value.values())))


def read_parameter(document, parameter, text):
    """The value that a text in a query stands for; the text itself if it is of another type."""
    schema = document.resolve(parameter["schema"])
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "array":
        return text.split(",") if text else []
    return text


def written_parameter(parameter, value):
    """Names and texts of the query, as the parameter's style wants them."""
    if isinstance(value, dict):
        return [(name, str(each)) for name, each in value.items()]
    if isinstance(value, list):
        return [(parameter["name"], ",".join(value))]
    if isinstance(value, bool):
        return [(parameter["name"], "true" if value else "false")]
    return [(parameter["name"], str(value))]
