"""Holds what a program printed against what a document shows of it.

Blanks and line breaks do not count, for documents wrap. `…` stands for anything, a word that ends in
`…` for a word, an id for an id, a time for a time and `1.5s` for a time span. What an id or a shortened
word stood for is remembered: where the document shows it again, it is the same, also in a later
command."""

import re

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
LOCAL_TIME = r"\d{4}-\d\d-\d\d ?\d\d:\d\d:\d\d"
SPAN = r"\d+(?:\.\d+)?(?:µs|ms|s|m|h|d)"
CUT = r"[\w.-]{5,}\w…"
WORD = r'[^"]+?'
OTHERS = (TIME, LOCAL_TIME, SPAN)
SPECIAL = re.compile(f"({CUT})|({UUID})|({TIME})|({LOCAL_TIME})|({SPAN})|…")


def without_blanks(text):
    return re.sub(r"\s+", "", text)


def literal(text):
    return re.escape(without_blanks(text))


class Meanings:
    """What the document's ids and shortened words stand for in this run."""

    def __init__(self):
        self._known = {}

    def replace(self, text):
        for shown, real in self._known.items():
            text = text.replace(shown, real)
        return text

    def match(self, shown, printed):
        """Whether that is what was printed. If it is, what it stood for is known from now on."""
        pattern, names, end = "", {}, 0
        for special in SPECIAL.finditer(shown):
            pattern += literal(shown[end:special.start()])
            end = special.end()
            cut, uuid, *others = special.groups()
            word = cut or uuid
            if word in self._known:
                pattern += literal(self._known[word])
            elif word in names:
                pattern += f"(?P={names[word]})"
            elif word:
                names[word] = f"n{len(names)}"
                pattern += f"(?P<{names[word]}>{UUID if uuid else WORD})"
            else:
                pattern += next((kind for kind, text in zip(OTHERS, others) if text), ".*?")
        found = re.fullmatch(pattern + literal(shown[end:]), without_blanks(printed), re.DOTALL)
        for word, name in names.items() if found else ():
            self._known[word] = found[name]
        return found is not None
