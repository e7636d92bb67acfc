"""What a stage of a Dockerfile comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seatrial.composefile.model import Healthcheck
from seatrial.errors import Where

SHELL = ("/bin/sh", "-c")


@dataclass(frozen=True, slots=True)
class Copy:
    """A COPY or ADD. ``target`` is absolute and ends in ``/`` where only a folder can be meant.

    ``origin`` is the stage that it copies from, ``None`` for the build context; ``foreign`` names
    an image that is no stage.
    """

    sources: tuple[str, ...]
    target: str
    where: Where
    origin: Image | None = None
    foreign: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A RUN line, its options (``--mount`` and so on) taken off.

    It runs in ``workdir`` with the arguments and variables of ``env``, after ``copied`` COPY lines.
    """

    text: str
    where: Where
    workdir: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    copied: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    """A stage with all that it inherits; ``base`` is the image that the chain begins with."""

    base: str
    where: Where
    workdir: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    cmd_inherited: bool = False
    command_where: Where | None = None
    shell_entrypoint: bool = False
    shell: tuple[str, ...] = SHELL
    expose: tuple[int, ...] = ()
    healthcheck: Healthcheck | None = None
    user: str | None = None
    stop_signal: str | None = None
    volumes: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    runs: tuple[Run, ...] = ()
