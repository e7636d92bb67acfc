"""What ``new`` and ``add`` say: files by folder, entries by file, ports, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.text import plural
from seatrial.render.width import one_line
from seatrial.scaffold.answers import backing_service
from seatrial.scaffold.kinds import BACKINGS
from seatrial.scaffold.laying import Laid
from seatrial.scaffold.model import Answers, ServiceAnswer, Tree
from seatrial.scaffold.wiring.base import Wiring


def new_lines(
    folder: Path, answers: Answers, tree: Tree, no_git: str | None, *, ascii: bool, colour: bool
) -> list[str]:
    """Return what was made in ``folder``; ``no_git`` says why it is no git repository."""
    done = glyphs(ascii).passed
    place = one_line(str(folder))
    title = f"{answers.project}: {plural(len(tree), 'file')} in {place}"
    lines = [line(Span(f"{done} ", Style.GOOD), title)]
    lines += _services(answers.services)
    if no_git:
        lines.append(line(Span(f"no git repository was made: {no_git}", Style.WARN)))
    steps = [] if folder == Path() else [f"cd {shlex.quote(place)}"]
    lines += _next([*steps, "make test", "make dev"])
    return painted(lines, colour)


def add_lines(answer: ServiceAnswer, laid: Laid, *, ascii: bool, colour: bool) -> list[str]:
    """Return what was written and wired for one more service."""
    done = glyphs(ascii).passed
    new = [path for path in laid.files if path not in laid.wired]
    lines = [line(Span(f"{done} ", Style.GOOD), f"{answer.name}: {plural(len(new), 'new file')}")]
    lines += (line(f"  {text}") for text in _by_folder(new))
    lines += _wired(laid.wired)
    lines += _left(laid)
    lines += _services((answer,))
    runs = any(path.startswith("deploy/") for path in laid.files)
    lines += _next([f"seatrial test {answer.name}", *(["seatrial up dev"] if runs else [])])
    return painted(lines, colour)


def dry_run_lines(tree: Iterable[str], wired: Mapping[str, Wiring] | None = None) -> list[str]:
    """Return each file that would be written, and what would be wired where."""
    wired = wired or {}
    lines = [line(f"would write {path}") for path in sorted(tree) if path not in wired]
    lines += _wired(wired, "would add to", "is in")
    return painted(lines, colour=False)


def _services(services: Iterable[ServiceAnswer]) -> list[Line]:
    return [line(f"  {text}") for one in services if (text := _service(one))]


def _service(one: ServiceAnswer) -> str:
    words = [f"{one.name} ({one.kind})"]
    if one.host_port:
        words.append(f"http://localhost:{one.host_port} in dev")
    if one.backing:
        backing = BACKINGS[one.backing]
        name = backing_service(one.name, backing)
        words.append(f"{name} ({backing.summary}) at port {one.backing_port}")
    if one.upstream:
        words.append(f"calls {one.upstream}")
    return ", ".join(words)


def _by_folder(paths: Iterable[str], depth: int = 2) -> list[str]:
    """Return single files as they are, and folders with the number of files in them."""
    folders: dict[str, list[str]] = {}
    for path in sorted(paths):
        parts = path.split("/")
        folders.setdefault("/".join(parts[:depth]) if len(parts) > depth else path, []).append(path)
    return [
        paths[0] if len(paths) == 1 else f"{folder}/ ({plural(len(paths), 'file')})"
        for folder, paths in folders.items()
    ]


def _wired(
    wired: Mapping[str, Wiring], added: str = "  added to", there: str = "  was in"
) -> list[Line]:
    lines = []
    for path, done in wired.items():
        if done.added:
            lines.append(line(f"{added} {path}: {', '.join(done.added)}"))
        if done.there:
            lines.append(line(Span(f"{there} {path}: {', '.join(done.there)}", Style.QUIET)))
    return lines


def _left(laid: Laid) -> list[Line]:
    kept = [line(Span(f"  left as it was: {path}", Style.QUIET)) for path in laid.kept]
    absent = [line(Span(f"  not there, so left out: {path}", Style.WARN)) for path in laid.absent]
    return [*kept, *absent]


def _next(commands: Iterable[str]) -> list[Line]:
    return [line("next: ", Span("; ".join(commands), Style.HEADING))]
