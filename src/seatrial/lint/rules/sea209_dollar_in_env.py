"""A value in an env file has a `$` that Compose takes for the beginning of a variable.

## Why

Compose puts variables into the values of env files: of `pa$word` only `pa` is left where no
variable `word` is set, with a warning at most. Passwords and hashes are altered in silence, and
the login fails far from its cause.

## Example

```sh
# file: .env
SESSION_KEY=k7$lq2Xp
```

## Better

```sh
# file: .env
SESSION_KEY='k7$lq2Xp'
```

## Mend

Put the value in single quotes, which keep it as it is, or write `$$` for each `$`. References to
variables of the same file, in braces, or in capitals like `$HOME`, are taken for meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import EnvFileDocument
from seatrial.lint.helpers.environment import Variable
from seatrial.lint.helpers.secrets import names_secret
from seatrial.lint.helpers.variables import Reference, references
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

_ASSIGNMENT = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[\w.-]+)[ \t]*=[ \t]*"
    r"(?:'(?:[^'\\]|\\.)*'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|(?P<plain>[^\s'\"][^\n]*))",
    re.MULTILINE | re.DOTALL,
)


def _check(document: EnvFileDocument) -> Iterator[Hit]:
    found = list(_ASSIGNMENT.finditer(document.text))
    names = {match["name"] for match in found}
    for match in found:
        group = "plain" if match["plain"] is not None else "double"
        value = (
            (match[group] or "").partition(" #")[0].rstrip() if group == "plain" else match[group]
        )
        if not value or "$" not in value:
            continue
        span = Span(match.start(group), match.start(group) + len(value))
        everything = list(references(value))
        lost = [one for one in everything if _is_lost(match["name"], value, one, names, span)]
        if lost:
            plain = group == "plain" and len(lost) == len(everything) and "$$" not in value
            # The value is not shown: it may be a password.
            what = f"Compose takes a part of {match['name']} for a variable"
            yield Hit(span, what, fix=_fix(match["name"], value, span) if plain else None)


def _is_lost(name: str, value: str, one: Reference, names: set[str], span: Span) -> bool:
    if value[one.start + 1] == "{" or one.name in names or value[: one.start].endswith("\\"):
        return False
    return one.name.upper() != one.name or names_secret(Variable(name, "x", span))


def _fix(name: str, value: str, span: Span) -> Fix | None:
    return None if "'" in value or "\\" in value else Fix((Edit(span, f"'{value}'"),), ((name,),))


RULE = Rule(
    code="SEA209",
    name="dollar-in-env",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="put the value in single quotes",
    of=EnvFileDocument,
    check=_check,
)
