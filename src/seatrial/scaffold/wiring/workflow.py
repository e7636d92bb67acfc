"""A service's name, added to the lists ``service: […]`` of a workflow's matrices."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from seatrial.scaffold.wiring.base import Wiring

_LIST = re.compile(r"^(?P<head>[ \t]+service:[ \t]*\[)(?P<words>[^\]\n]*)\]", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
# What YAML reads as something else than a text.
_OTHER = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))


def flow_word(name: str) -> str:
    """Return ``name`` as it stands in a list of YAML, between quotes where it has to."""
    if _PLAIN.fullmatch(name) and name.lower() not in _OTHER:
        return name
    # What parts the words of a list, or ends it, is in none of them: lists are read by lines.
    return json.dumps(name).replace(",", r"\u002c").replace("]", r"\u005d")


def wire(text: str, service: str) -> Wiring:
    """Add ``service`` behind the last of each list; where it is there already, nothing changes.

    A workflow without such a list, as one whose jobs are found while it runs, stays as it is.
    """
    word, at, parts, known = flow_word(service), 0, [], False
    for found in _LIST.finditer(text):
        words = [one.strip() for one in found["words"].split(",") if one.strip()]
        known = known or bool({word, service, f"'{service}'", f'"{service}"'} & set(words))
        if not known:
            parts += [text[at : found.start()], found["head"], ", ".join([*words, word]), "]"]
            at = found.end()
    if not at:
        return Wiring(text, (), (service,) if known else ())
    return Wiring("".join([*parts, text[at:]]), (service,))


def fill(text: str, services: Sequence[str]) -> str:
    """Return ``text`` with exactly ``services`` in each list; the order of those listed stays."""

    def listed(found: re.Match[str]) -> str:
        words = [one.strip() for one in found["words"].split(",") if one.strip()]
        wanted = {flow_word(name): name for name in services}
        kept = [word for word in words if word in wanted]
        return f"{found['head']}{', '.join([*kept, *(w for w in wanted if w not in kept)])}]"

    return _LIST.sub(listed, text)
