"""A Dockerfile's stages: from which image a service comes, and what is run on the way."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.lint.documents import (
    ComposeDocument,
    ComposeService,
    DockerfileDocument,
    Instruction,
)
from seatrial.lint.helpers.builds import dockerfile_of
from seatrial.lint.helpers.layers import inner
from seatrial.lint.helpers.variables import value_of


@dataclass(frozen=True, slots=True)
class Chain:
    """What a container is made of: the public image ``base``, and all ``steps`` upon it.

    ``base`` is empty where an argument decides it.
    """

    base: str
    steps: tuple[Instruction, ...]

    def last(self, word: str) -> Instruction | None:
        """Return the last instruction ``word``, which is the one that counts."""
        found = [step for step in self.steps if step.word == word]
        return found[-1] if found else None


def chain_of(document: ComposeDocument, service: ComposeService) -> Chain | None:
    """Return what the image of a built service is made of; ``None`` where it cannot be told."""
    dockerfile = dockerfile_of(document, service)
    return chain(dockerfile, value_of(inner(service, "build", "target"))) if dockerfile else None


def chain(dockerfile: DockerfileDocument, target: str = "") -> Chain | None:
    """Return what the stage ``target`` (the last one for none) is made of."""
    froms = [line for line in dockerfile.instructions if line.word == "FROM"]
    if not froms:
        return None
    names = {name: line.stage for line in froms if (name := _name(line.value))}
    stage = names.get(target.lower()) if target else froms[-1].stage
    if stage is None:
        return None
    steps: tuple[Instruction, ...] = ()
    while True:
        steps = (*(line for line in dockerfile.instructions if line.stage == stage), *steps)
        base = _base(froms[stage].value)
        below = names.get(base.lower())
        if below is None or below >= stage:
            return Chain("" if "$" in base else base, steps)
        stage = below


def _base(value: str) -> str:
    parts = [part for part in value.split() if not part.startswith("--")]
    return parts[0] if parts else ""


def _name(value: str) -> str:
    parts = value.split()
    return parts[-1].lower() if len(parts) > 2 and parts[-2].upper() == "AS" else ""
