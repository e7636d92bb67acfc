"""What an image's RUN lines would have made, and what of it the command needs."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Sequence

from seatrial.composefile.model import ComposeService
from seatrial.errors import Where
from seatrial.runtimes.process.dockerfile.model import Image, Run
from seatrial.runtimes.process.keys import refusal
from seatrial.runtimes.process.paths import Layout, PathMap
from seatrial.runtimes.process.runlines import judged
from seatrial.runtimes.process.stages import Needed

_BUILT_FILE = re.compile(r"^[\w./-]+\.(?:js|mjs|cjs|jar|war|dll|py|sh)$")
_SHELL_WORDS = 3
_SHOWN = 60


def notes(image: Image, layout: Layout, workdir: str, needed: Sequence[Needed]) -> list[str]:
    """Return what a process does not get, or gets in another way than an image, as changes."""
    lines = judged(image.runs)
    said = []
    if layout.folder is not None:
        said.append(f"working_dir: {workdir} → {layout.folder} (copied there)")
    elif layout.links:
        said.append(f"working_dir: {workdir} is put together from {len(layout.links)} copies")
    if image.user not in (None, "root", "0"):
        said.append(f"user: {image.user} is left out (runs as who starts it)")
    if lines.packages:
        said.append(f"RUN: {', '.join(lines.packages)} must be on this machine where needed")
    copied = {line.run.where: line.run for one in needed for line in one.build.lines}
    said += [f"RUN {short(run)}: run in a copy ({_at(where)})" for where, run in copied.items()]
    left = (run for run in lines.built if run.where not in copied)
    said += [f"RUN: not run: {short(run)} ({_at(run.where)})" for run in left]
    return said


def short(run: Run) -> str:
    """Return the line for a message."""
    text = " ".join(run.text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _at(where: Where) -> str:
    return f"{where.file.name}:{where.line}"


def check_built(
    service: ComposeService,
    words: Sequence[str],
    image: Image,
    workdir: str,
    paths: PathMap,
    layout: Layout,
) -> None:
    """Raise ``Refused`` where the command needs a file that only a RUN line makes."""
    runs = [run for stage in _stages(image) for run in judged(stage.runs).built]
    if not runs:
        return
    shell = len(words) == _SHELL_WORDS and words[1] == "-c"
    for i, word in enumerate(words[-1].split() if shell else words):
        program = i == 0 and "/" in word and posixpath.basename(posixpath.dirname(word)) != "bin"
        if not program and not (i > 0 and _BUILT_FILE.match(word)):
            continue
        there = paths.host(posixpath.join(workdir, word)) is not None
        if there or (layout.folder is not None and (layout.folder / word).exists()):
            continue
        run = runs[-1]
        raise refusal(
            service,
            f"it starts {word}, which the image builds by `{short(run)}`",
            run.where,
            also=f"run that in {layout.nearest or os.curdir} first",
        )


def _stages(image: Image) -> Iterable[Image]:
    yield image
    for copy in image.copies:
        if copy.origin is not None:
            yield from _stages(copy.origin)
