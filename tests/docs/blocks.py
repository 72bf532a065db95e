"""The blocks of the documents: what stands in a fence, or indented by four blanks."""

import re
from dataclasses import dataclass

PICTURE = re.compile("[─│┌└▶◀▼]")


@dataclass(frozen=True)
class Block:
    document: str  # Its path below the root of the sources.
    line: int  # In the document, from 1, of the block's first line.
    language: str  # What the fence says, if it says anything.
    lines: tuple

    @property
    def first(self):
        return self.lines[0]

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def shape(self):
        """What it is, as far as its first line and its language tell."""
        if self.first.startswith("$ "):
            return "session"
        if re.match(r"(GET|HEAD|POST|PUT|DELETE) /", self.first):
            return "request"
        if re.match(r"\[[^\]{}]+\]|[a-z_.]+ = ", self.first) and self.language in ("", "toml"):
            return "settings"
        if any(PICTURE.search(line) for line in self.lines):
            return "picture"
        return "other"

    def __str__(self):
        return f"{self.document}:{self.line}"


def documents(root):
    """README.md and all below docs/ and examples/, as paths below the root."""
    found = [root / "README.md"]
    for folder in ("docs", "examples"):
        found += sorted((root / folder).rglob("*.md"))
    return [str(path.relative_to(root)) for path in found]


def blocks_of(root, document):
    lines = (root / document).read_text().split("\n")
    at = 0
    while at < len(lines):
        end = at + 1
        if fence := re.match(r"```(\w*)$", lines[at]):
            while lines[end] != "```":
                end += 1
            yield Block(document, at + 2, fence[1], tuple(lines[at + 1:end]))
            end += 1
        elif lines[at].startswith("    ") and (at == 0 or not lines[at - 1].strip()):
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end]):
                end += 1
            content = "\n".join(line[4:] for line in lines[at:end]).rstrip().split("\n")
            yield Block(document, at + 1, "", tuple(content))
        at = end
