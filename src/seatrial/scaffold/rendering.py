"""A folder of templates to a tree of files. Pure but for reading the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.scaffold.model import File

if TYPE_CHECKING:
    from jinja2 import Environment

_DOT = "dot."
_UNWANTED = ("__pycache__", "node_modules", ".venv")


def templates() -> Path:
    """Return the folder of all templates."""
    return Path(str(files("seatrial.scaffold"))) / "templates"


def render(folder: Path, names: Mapping[str, str], values: Mapping[str, object]) -> dict[str, File]:
    """Return the files that ``folder`` makes; none where it is not there.

    ``names`` replace parts of paths (``_service_``), ``values`` are what the texts may use. A value
    that is not given is an error, never an empty text.
    """
    engine = _engine()
    made = {}
    for path in _files(folder):
        text = engine.from_string(path.read_text(encoding="utf-8")).render(values)
        place = _named(path.relative_to(folder).as_posix(), names)
        made[place] = File(text, bool(path.stat().st_mode & stat.S_IXUSR))
    return made


def _files(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _UNWANTED)
        yield from (Path(at, name) for name in sorted(names) if not name.endswith(".pyc"))


def _named(path: str, names: Mapping[str, str]) -> str:
    parts = []
    for part in path.split("/"):
        for mark, name in names.items():
            part = part.replace(mark, name)
        parts.append("." + part.removeprefix(_DOT) if part.startswith(_DOT) else part)
    return "/".join(parts)


def _engine() -> Environment:
    from jinja2 import Environment, StrictUndefined

    # Signs that no language of the templates uses: YAML, Make, TSX and shell have the usual ones.
    return Environment(
        variable_start_string="@{",
        variable_end_string="}",
        block_start_string="@%",
        block_end_string="%@",
        comment_start_string="@#",
        comment_end_string="#@",
        line_statement_prefix="@@",
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,
    )
