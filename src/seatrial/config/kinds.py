"""The kinds of values that ``seatrial.toml`` holds.

A kind has a JSON Schema and a reader side by side; where a rule is a pattern both use the same
one, so that an editor and seatrial give the same verdict.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class BadValue(ValueError):
    """A value that is not of its kind; ``mend`` is the user's next step."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Kind:
    """``words`` is how messages and the reference name it; ``example`` is a good value."""

    words: str
    schema: Mapping[str, Any]
    read: Callable[[Any], Any]
    example: Any


# Outside quotes these belong to a shell, and no shell reads a command; in double quotes `$` and
# the backquote still do. Alternatives differ in their first character: matching is linear.
_WORDS = r"(?:[^'\"\\|&;<>()`$\r\n]|\\[^\r\n]|'[^']*'|\"(?:[^\"\\`$]|\\[\s\S])*\")+"
_ASSIGNMENT = r"\s*[A-Za-z_][A-Za-z0-9_]*="
COMMAND_PATTERN = rf"^(?!{_ASSIGNMENT})(?!\s*(?:''|\"\")(?:\s|$))(?=[\s\S]*\S){_WORDS}\s*$"
DURATION_PATTERN = r"^(?=.*[1-9])(?:[0-9]{1,5}(?:\.[0-9]{1,5})?(?:ms|s|m|h))+$"
PATH_PATTERN = r"^(?!/)(?![\s\S]*[\r\n])[\s\S]*\S"
TEXT_PATTERN = r"\S"
VARIABLE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
EXPORT_PATTERN = r"^(?:[^{}]|\{[A-Za-z0-9_-][A-Za-z0-9_.-]*\.(?:host|port|url)\})*$"
REPOSITORY_PATTERN = r"^(?=[\s\S]*\{service\})(?:[a-z0-9._/-]|\{(?:project|service)\})+$"
SELECTOR_PATTERN = r"^(?:SEA[0-9]{0,3}|(?:DL|SC)[0-9]{0,4}|[a-z]+)$"
LONGEST_SECONDS = 1_000_000_000

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return the length of ``1m30s`` in seconds; the text matches ``DURATION_PATTERN``."""
    parts = re.findall(r"([0-9.]+)(ms|s|m|h)", text)
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def _not(words: str, value: Any, mend: str) -> BadValue:
    shown = _type_name(value)
    if isinstance(value, bool):
        shown = str(value).lower()
    elif isinstance(value, str | int | float):
        shown = repr(value)
    return BadValue(f"must be {words}, not {shown}", mend)


def _type_name(value: Any) -> str:
    if isinstance(value, list):
        return "an empty list" if not value else "such a list"
    return "a table" if isinstance(value, dict) else f"a {type(value).__name__}"


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _not(FLAG.words, value, "write true or false, without quotes")
    return value


def _read_count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise _not(COUNT.words, value, "write a whole number from 1 on, without quotes")
    if value < 1:
        raise _not(COUNT.words, value, "write a whole number from 1 on")
    return int(value)


def _read_text(value: Any) -> str:
    if not isinstance(value, str) or not re.search(TEXT_PATTERN, value):
        raise _not(TEXT.words, value, "write it in quotes")
    return value


def _read_value(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue(f"must be {VALUE.words}", "write it in quotes, as the program will see it")
    return value


def _read_export(value: Any) -> str:
    mend = "placeholders are {SERVICE.host}, {SERVICE.port} and {SERVICE.url}, with compose's name"
    if not isinstance(value, str) or not re.search(EXPORT_PATTERN, value):
        # The value stays out of the message: it may hold a password.
        raise BadValue(f"must be {EXPORT.words}", mend)
    return value


def _read_repository(value: Any) -> str:
    if not isinstance(value, str) or not re.search(REPOSITORY_PATTERN, value):
        raise _not(REPOSITORY.words, value, 'write for instance "{project}-{service}"')
    return value


def _read_duration(value: Any) -> float:
    mend = 'write seconds (90, 0.5) or a text such as "90s", "2m", "1m30s", "1h"'
    if isinstance(value, bool):
        raise _not(DURATION.words, value, mend)
    if isinstance(value, int | float) and 0 < value <= LONGEST_SECONDS:
        return float(value)
    if isinstance(value, str) and re.search(DURATION_PATTERN, value):
        return seconds(value)
    raise _not(DURATION.words, value, mend)


def _read_path(value: Any) -> str:
    if not isinstance(value, str) or not re.search(PATH_PATTERN, value):
        raise _not(PATH.words, value, "write it in quotes, relative, with / between the folders")
    return value


def _read_paths(value: Any) -> tuple[str, ...]:
    return tuple(_read_path(path) for path in (value if isinstance(value, list) else [value]))


def _read_selectors(value: Any) -> tuple[str, ...]:
    mend = 'write codes, their beginnings or categories: ["SEA101", "SEA2", "security"]'
    found = value if isinstance(value, list) else [value]
    for word in found:
        if not isinstance(word, str) or not re.search(SELECTOR_PATTERN, word):
            raise _not(SELECTORS.words, word, mend)
    return tuple(found)


def _read_command(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        if not value or not all(isinstance(word, str) for word in value) or not value[0]:
            raise _not(COMMAND.words, value, 'write each word as text: ["pytest", "-q"]')
        return tuple(value)
    if not isinstance(value, str):
        raise _not(COMMAND.words, value, 'write it in quotes, or as a list: ["pytest", "-q"]')
    if re.search(COMMAND_PATTERN, value):
        return tuple(shlex.split(value))
    if not value.strip():
        raise _not(COMMAND.words, value, "leave the key out to run the runner's own command")
    if re.match(_ASSIGNMENT, value):
        raise BadValue("sets a variable in front of the command", "use the env table beside it")
    try:
        words = shlex.split(value)
    except ValueError:
        raise BadValue("has an open quote", "close it, or write a list") from None
    if words[0] == "":
        raise _not(COMMAND.words, value, "name the program first")
    raise BadValue(
        "holds shell operators or `$`, and no shell reads it",
        f'quote them if they are meant as they stand, or write ["sh", "-c", "{words[0]} …"]',
    )


def _read_commands(value: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise _not(COMMANDS.words, value, 'write a list with one command an item: ["make seed"]')
    return tuple(_read_command(command) for command in value)


def choice(*words: str) -> Kind:
    """Return the kind of a fixed set of words."""
    said = "one of " + ", ".join(words)

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise _not(said, value, _nearest(value, words))
        return value

    return Kind(said, {"enum": list(words)}, read, words[0])


def _nearest(value: Any, words: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(value), words, 1, 0.5)
    return f'did you mean "{near[0]}"?' if near else f'write for instance "{words[0]}"'


_COMMAND_SCHEMA = {
    "oneOf": [
        {"type": "string", "pattern": COMMAND_PATTERN},
        {
            "type": "array",
            "minItems": 1,
            "prefixItems": [{"type": "string", "minLength": 1}],
            "items": {"type": "string"},
        },
    ]
}
_PATH_SCHEMA = {"type": "string", "pattern": PATH_PATTERN}
_SELECTOR_SCHEMA = {"type": "string", "pattern": SELECTOR_PATTERN}
_DURATION_SCHEMA = {
    "oneOf": [
        {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_SECONDS},
        {"type": "string", "pattern": DURATION_PATTERN},
    ]
}

FLAG = Kind("true or false", {"type": "boolean"}, _read_flag, True)
COUNT = Kind("a whole number from 1 on", {"type": "integer", "minimum": 1}, _read_count, 4)
TEXT = Kind("a text", {"type": "string", "pattern": TEXT_PATTERN}, _read_text, "shop")
VALUE = Kind("a text (may be empty)", {"type": "string"}, _read_value, "1")
REPOSITORY = Kind(
    "a pattern with {service}",
    {"type": "string", "pattern": REPOSITORY_PATTERN},
    _read_repository,
    "{project}/{service}",
)
EXPORT = Kind(
    "a text with placeholders",
    {"type": "string", "pattern": EXPORT_PATTERN},
    _read_export,
    "http://{api.host}:{api.port}/v1",
)
DURATION = Kind("a duration", _DURATION_SCHEMA, _read_duration, "2m")
PATH = Kind("a relative path", _PATH_SCHEMA, _read_path, "tests/unit")
PATHS = Kind(
    "a relative path or a list of them",
    {"oneOf": [_PATH_SCHEMA, {"type": "array", "items": _PATH_SCHEMA}]},
    _read_paths,
    ["tests/unit", "tests/fast"],
)
SELECTORS = Kind(
    "a rule's code, the beginning of codes, a category, or a list of them",
    {"oneOf": [_SELECTOR_SCHEMA, {"type": "array", "items": _SELECTOR_SCHEMA}]},
    _read_selectors,
    ["SEA101", "security"],
)
COMMAND = Kind("a command", _COMMAND_SCHEMA, _read_command, "uv run pytest -q")
COMMANDS = Kind(
    "a list of commands",
    {"type": "array", "items": _COMMAND_SCHEMA},
    _read_commands,
    ["alembic upgrade head"],
)
