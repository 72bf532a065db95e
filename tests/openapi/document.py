"""The document, and what it says about an answer."""

import json
import re
from datetime import datetime

import jsonschema

# What every answer of an HTTP server may have.
COMMON_HEADERS = {"date", "content-type", "content-length", "connection", "cache-control",
                  "x-content-type-options"}


def time_of(text):
    """RFC 3339 from 1970 to 9999, as the server reads it; None if it is not that."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text):
        return None
    try:
        time = datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text))
        return time if time.timestamp() >= 0 else None
    except ValueError:
        return None


def is_time(value):
    return not isinstance(value, str) or time_of(value) is not None


class Document:
    def __init__(self, text):
        self.root = json.loads(text)
        self._formats = jsonschema.FormatChecker(formats=())
        self._formats.checkers = {"date-time": (is_time, ())}
        self._validators = {}
        self._fields = {}  # Of each object that was answered, by the id of its schema.
        self.operations = [Operation(self, path, method, content)
                           for path, item in self.root["paths"].items()
                           for method, content in item.items()]

    def resolve(self, value):
        """What stands there, or what that refers to."""
        while isinstance(value, dict) and "$ref" in value:
            target = self.root
            for step in value["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            value = target
        return value

    def errors(self, schema, value):
        """What is wrong with the value, by the schema; nothing if it fits."""
        if id(schema) not in self._validators:
            # The components come along, so that references lead somewhere.
            whole = {"allOf": [schema], "components": self.root["components"]}
            self._validators[id(schema)] = (schema, jsonschema.Draft202012Validator(
                whole, format_checker=self._formats))
        return self._validators[id(schema)][1].iter_errors(value)

    def faults(self, schema, value):
        """The same in words."""
        return ["/" + "/".join(map(str, e.absolute_path)) + ": " + e.message[:300]
                for e in self.errors(schema, value)]

    def parts(self, schema):
        """The schema and all that it is put together of."""
        schema = self.resolve(schema)
        if not isinstance(schema, dict):
            return
        yield schema
        for word in ("allOf", "oneOf"):
            for part in schema.get(word, []):
                yield from self.parts(part)

    def properties(self, schema):
        found = {}
        for part in self.parts(schema):
            for name, each in part.get("properties", {}).items():
                # A part that only restricts what another describes says `true` or `false`.
                if name not in found or found[name] is True:
                    found[name] = each
        return found

    def note(self, schema, value, name="an answer"):
        """Remembers which of the documented fields an answer had."""
        name = schema.get("$ref", name).rsplit("/", 1)[-1]
        schema = self.resolve(schema)
        for part in schema.get("allOf", []):
            self.note(part, value, name)
        for part in schema.get("oneOf", []):
            if self.resolve(part).get("type") != "null" and not self.faults(part, value):
                self.note(part, value, name)
        if isinstance(value, dict) and "properties" in schema:
            seen = self._fields.setdefault(id(schema), (name, schema["properties"], set()))[2]
            for field in schema["properties"].keys() & value.keys():
                seen.add(field)
                self.note(schema["properties"][field], value[field], f"{name}.{field}")
        if isinstance(value, list) and "items" in schema:
            for each in value:
                self.note(schema["items"], each, name)

    def unseen_fields(self):
        return [f"{name}.{field}" for name, fields, seen in self._fields.values()
                for field, schema in fields.items()
                if field not in seen and schema is not False and not schema.get("writeOnly")]

    def required(self, schema):
        return [name for part in self.parts(schema) if part.get("type") == "object"
                for name in part.get("required", [])]


class Operation:
    def __init__(self, document, path, method, content):
        self.document = document
        self.path = path
        self.method = method.upper()
        self.id = content["operationId"]
        self.parameters = [document.resolve(p) for p in content.get("parameters", [])]
        self.scopes = [s for each in content["security"] for s in each["bearer"]]
        self.responses = content["responses"]
        body = content.get("requestBody")
        self.needs_body = bool(body) and body.get("required", False)
        media = body["content"]["application/json"] if body else {}
        self.body = media.get("schema")
        self.examples = [each["value"] for each in media.get("examples", {}).values()]
        self.seen = set()  # Statuses that it has answered.

    def parameters_in(self, place):
        return [p for p in self.parameters if p["in"] == place]

    def documents(self, status):
        return str(status) in self.responses

    def faults(self, answer):
        """What of an answer the document does not say."""
        self.seen.add(answer.status)
        if not self.documents(answer.status):
            return [f"the status {answer.status} is not documented"]
        response = self.document.resolve(self.responses[str(answer.status)])
        return self._header_faults(response, answer) + self._body_faults(response, answer)

    def _header_faults(self, response, answer):
        found = []
        known = {name.lower(): self.document.resolve(h) for name, h in response["headers"].items()}
        for name, header in known.items():
            if name not in answer.headers:
                if header.get("required"):
                    found.append(f"the header {name} is missing")
            else:
                found += [f"the header {name}: {f}"
                          for f in self.document.faults(header["schema"], answer.headers[name])]
        return found + [f"the header {name} is not documented" for name in answer.headers
                        if name not in known and name not in COMMON_HEADERS]

    def _body_faults(self, response, answer):
        content = response.get("content")
        media = answer.headers.get("content-type", "").split(";")[0]
        if content is None:
            return [] if not answer.body and not media else ["there is a body, and none documented"]
        if media not in content:
            return [f"the content type {media!r} is not documented"]
        if answer.is_head:
            return []
        schema = content[media]["schema"]
        if media == "text/event-stream":
            return self._event_faults(schema, answer)
        if not media.endswith("json"):
            return self.document.faults(schema, answer.body.decode())
        return self._value_faults(schema, json.loads(answer.body))

    def _value_faults(self, schema, value):
        found = self.document.faults(schema, value)
        if not found:
            self.document.note(schema, value)
        return found

    def _event_faults(self, schema, answer):
        found = []
        for event in answer.events():
            if event["data"] is not None:
                found += self._value_faults(schema["contentSchema"], json.loads(event["data"]))
        return found
