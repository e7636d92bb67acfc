"""What stands in a value where variables do: `${PORT:-8000}` means 8000 to who sets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.interpolate import MissingVariable, substitute
from seatrial.composefile.tree import Node, ScalarNode
from seatrial.errors import ConfigError, Where

_REFERENCE = re.compile(
    r"\$(?:\$|(?P<bare>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?P<operator>:?[-+?])?)", re.ASCII
)

_STAND_IN = "\0"
_NOWHERE = Where(Path())


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable in a text; ``operator`` is ``:-``, ``-``, ``:?``, ``?``, ``:+``, ``+`` or none."""

    name: str
    operator: str
    start: int
    end: int

    @property
    def optional(self) -> bool:
        """Return whether the text says what holds where the variable is not set."""
        return self.operator[-1:] in ("-", "+")


def references(text: str) -> Iterator[Reference]:
    """Yield the variables of ``text``, those inside a default too; ``$$`` is none."""
    for match in _REFERENCE.finditer(text):
        name = match["bare"] or match["name"]
        if name:
            yield Reference(name, match["operator"] or "", match.start(), match.end())


def with_defaults(text: str) -> str:
    """Return ``text`` as Compose reads it where no variable is set; a required one is empty.

    A text that Compose would refuse comes back as it is.
    """
    if "$" not in text:
        return text
    known: dict[str, str] = {}
    while True:
        try:
            filled = substitute(text, known, _NOWHERE, lambda _name, _where: None)
            return filled.replace(_STAND_IN, "")
        except MissingVariable as error:
            # `:?` refuses an empty value, so one that no file holds stands in.
            known[error.name] = _STAND_IN
        except ConfigError:
            return text


def value_of(node: Node | None) -> str:
    """Return the text of a scalar with defaults filled in; empty for anything else."""
    return with_defaults(node.text) if isinstance(node, ScalarNode) else ""


def settled(text: str) -> bool:
    """Return whether every variable of ``text`` has a default, or there is none."""
    return all(reference.optional for reference in references(text))
