"""Secret values are replaced before anything is shown or kept. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from dataclasses import replace as replaced
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, unquote

T = TypeVar("T")

_MASK = "***"
# A shorter value is found in too many innocent words.
_SHORTEST = 6
# Parts of a secret that was cut: shorter ones tell nothing, longer ones do not fit a line.
_SHORTEST_CUT, _LONGEST_CUT = 5, 72
_HARMLESS_WORDS = """
    admin changeme database default disabled enabled example localhost password postgres postgresql
    public rabbitmq redis required secret service test testdb testing testpass testuser true false
    valkey
"""
_SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL"
    r"|(API|ACCESS|PRIVATE|SESSION|COOKIE|SIGNING|ENCRYPTION|MASTER)_?KEY",
    re.IGNORECASE,
)
# Such a variable holds a path, or says how long or how many.
_NO_SECRET_NAME = re.compile(
    r"_(FILE|PATH|DIR|LENGTH|TTL|EXPIRES?|MINUTES|SECONDS|DAYS|TYPE|ALGORITHM)$", re.IGNORECASE
)
_USERINFO = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@:]*:([^\s/@]+)@", re.IGNORECASE)


class Redactor:
    """Replaces secret values in texts and events.

    ``names`` are words that stay readable whatever the secrets are: the names of services and of
    the project, which as a password would black out the whole display.
    """

    def __init__(self, secrets: Iterable[str], names: Iterable[str] = ()) -> None:
        harmless = {*_HARMLESS_WORDS.split(), *(name.lower() for name in names)}
        forms: set[str] = set()
        for secret in secrets:
            # Logs come line by line, a private key does not.
            for part in {secret, *secret.splitlines()}:
                value = part.strip()
                if len(value) >= _SHORTEST and value.lower() not in harmless:
                    forms |= _forms(value)
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        # The whole ones first: an alternative is taken in the order in which it stands.
        patterns = [*map(re.escape, longest_first), *map(_shortened, longest_first)]
        self._pattern = re.compile("|".join(filter(None, patterns))) if forms else None

    def __call__(self, text: str) -> str:
        """Return ``text`` with each secret as ``***``."""
        if self._pattern is None or self._pattern.search(text) is None:
            return text
        return self._pattern.sub(_MASK, text)

    def redact_event(self, event: T) -> T:
        """Return ``event`` (any frozen dataclass) with each of its strings redacted.

        The same object where nothing had to change, which costs nothing without secrets.
        """
        if self._pattern is None:
            return event
        result: T = self._redact(event)
        return result

    def _redact(self, value: Any) -> Any:
        if type(value) is str:
            return self(value)
        if is_dataclass(value) and not isinstance(value, type):
            before = {f.name: getattr(value, f.name) for f in fields(value)}
            after = {name: self._redact(old) for name, old in before.items()}
            changes = {name: new for name, new in after.items() if new is not before[name]}
            return replaced(value, **changes) if changes else value
        if isinstance(value, tuple):
            items = tuple(self._redact(item) for item in value)
            return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
        if isinstance(value, Mapping):
            return {key: self._redact(item) for key, item in value.items()}
        return value


def secret_values(variables: Mapping[str, str]) -> set[str]:
    """Return the values that the names of their variables, or a URL's userinfo, call secret."""
    found = set()
    for name, value in variables.items():
        if _SECRET_NAME.search(name) and not _NO_SECRET_NAME.search(name):
            found.add(value)
        for password in _USERINFO.findall(value):
            found |= {password, unquote(password)}
    return {value for value in found if value}


def _forms(value: str) -> set[str]:
    """Return how a secret looks in plain text, in a URL, in JSON and in base64."""
    raw = value.encode("utf-8", "replace")
    forms = {value, quote(raw, safe=""), quote_plus(raw), json.dumps(value)[1:-1]}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms |= {encode(raw).decode(), *(_core(encode, raw, offset) for offset in range(3))}
    return {form for form in forms if len(form) >= _SHORTEST}


def _shortened(form: str) -> str:
    """Return a pattern for what is left of ``form`` where a test runner cuts long lines.

    Its beginning before an ellipsis, or its end behind one, from five characters on.
    """
    heads = [form[:end] for end in range(min(len(form), _LONGEST_CUT) - 1, _SHORTEST_CUT - 1, -1)]
    tails = [
        form[-size:] for size in range(min(len(form), _LONGEST_CUT) - 1, _SHORTEST_CUT - 1, -1)
    ]
    if not heads:
        return ""
    before = f"(?:{'|'.join(map(re.escape, heads))})(?=\\.\\.\\.|…)"
    behind = f"(?:(?<=\\.\\.\\.)|(?<=…))(?:{'|'.join(map(re.escape, tails))})"
    return f"{before}|{behind}"


def _core(encode: Callable[[bytes], bytes], raw: bytes, offset: int) -> str:
    """Return what of ``raw`` in base64 is the same whatever stands around it.

    ``offset`` is how far its start is from a multiple of three bytes, as in ``user:password``.
    """
    code = encode(b"\0" * offset + raw).decode().rstrip("=")
    partial_end = 1 if (offset + len(raw)) % 3 else 0
    return code[offset + 1 if offset else 0 : len(code) - partial_end]
