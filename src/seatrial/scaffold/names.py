"""Names of projects and services: which are good, and what to propose for those that are not."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata

from seatrial.errors import UsageError
from seatrial.scaffold.kinds import BACKINGS, Kind

_GOOD = re.compile(r"[a-z](?:-?[a-z0-9]+)*")
# A host name has 63 characters, and a backing service adds its role: `<service>-database`.
LONGEST = 63
_ROLES = max(len(backing.role) + 1 for backing in BACKINGS.values() if not backing.shared)
LONGEST_SERVICE = LONGEST - _ROLES

_SHARED = {name: backing.summary for name, backing in BACKINGS.items() if backing.shared}
_TAKEN = {
    "test": "tests and environments are called so",
    "tests": "the folders of tests are called so",
    "dev": "an environment is called so",
    "prod": "an environment is called so",
    "all": "it means all services",
    "localhost": "it is the machine's own name",
    **{name: f"the service of {summary} is called so" for name, summary in _SHARED.items()},
}
# What the services of the scaffold import: a package of theirs must not hide it.
_LIBRARIES = (
    *("anyio", "fastapi", "httpx", "httpx2", "mypy", "nats", "psycopg", "pydantic", "pytest"),
    *("redis", "ruff", "starlette", "uvicorn", "valkey", "watchfiles", "yaml"),
)


def slug(words: str) -> str:
    """Return the nearest name in lower-case letters, digits and single hyphens, or nothing.

    It begins with a letter: digits in front go to the end.
    """
    plain = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    parts = re.findall(r"[a-z0-9]+", plain)
    while parts and parts[0].isdigit() and not all(part.isdigit() for part in parts):
        parts.append(parts.pop(0))
    name = "-".join(parts)
    if name and name[0].isdigit():
        digits = re.match(r"[0-9]+", name)
        assert digits is not None
        rest = name[digits.end() :].strip("-")
        name = f"{rest}-{digits[0]}" if rest[:1].isalpha() else f"app-{name}"
    return name


def check_project(name: str) -> str:
    """Return ``name`` if images and volumes can begin with it. Raises ``UsageError``."""
    return _checked(name, "project", LONGEST, "")


def check_service(name: str, kind: Kind | None = None) -> str:
    """Return ``name`` if a service, of ``kind`` where that is known, can be called so.

    Raises ``UsageError``, which proposes another.
    """
    reason = _TAKEN.get(name, "")
    module = name.replace("-", "_")
    if not reason and (kind is None or kind.python):
        if keyword.iskeyword(module):
            reason = "it is a word of Python, and its package would be called so"
        elif module in sys.stdlib_module_names:
            reason = f"its package would hide Python's own module {module!r}"
        elif module in _LIBRARIES:
            reason = f"its package would hide the library {module!r}"
    return _checked(name, "service", LONGEST_SERVICE, reason)


def _checked(name: str, what: str, longest: int, reason: str) -> str:
    if not name:
        raise UsageError(f"a {what} needs a name", mend="use lower-case letters, digits and -")
    if not _GOOD.fullmatch(name):
        near = slug(name)[:longest].strip("-")
        raise UsageError(
            f"{name!r} cannot be the name of a {what}: lower-case letters, digits and single "
            "hyphens make one, a letter first",
            mend=f"call it {near}" if near and near != name else "call it by such a name",
        )
    if len(name) > longest:
        near = name[:longest].strip("-")
        raise UsageError(
            f"the name of a {what} has {longest} characters at most, {name!r} has {len(name)}",
            mend=f"shorten it, to {near} for example",
        )
    if reason:
        near = f"{name[: longest - 8].rstrip('-')}-service"
        raise UsageError(f"no {what} can be called {name!r}: {reason}", mend=f"call it {near}")
    return name
