"""The services that workflows list, made true on both sides before texts are compared.

Which services there are is a fact and nobody's edit: a list is neither merged nor in conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from seatrial.scaffold.fates import QUIET, Change, Fate, Held
from seatrial.scaffold.model import File, Tree
from seatrial.scaffold.record import Pristine, Record, pristine
from seatrial.scaffold.update import Comparison, compare, paths
from seatrial.scaffold.wiring.workflow import fill
from seatrial.scaffold.workflows import is_workflow


def look_through(
    services: Sequence[str], record: Record, tree: Tree, look: Callable[[str], Held]
) -> Comparison:
    """Compare as :func:`compare` does, with ``services`` in the lists of the record and the disk.

    ``look`` returns what the work tree has at a path.
    """
    held = {path: look(path) for path in paths(record, tree)}
    if not any(map(is_workflow, held)):
        return compare(record, tree, held)
    base = {path: _base(path, file, services) for path, file in record.files.items()}
    shown = {path: _held(path, one, services) for path, one in held.items()}
    found = compare(replace(record, files=base), tree, shown)
    found.changes = [_real(change, held) for change in found.changes]
    found.merges = [replace(merge, held=held[merge.path]) for merge in found.merges]
    return found


def _base(path: str, file: Pristine, services: Sequence[str]) -> Pristine:
    if file.text is None or not is_workflow(path):
        return file
    return pristine({path: File(fill(file.text, services), file.executable)})[path]


def _held(path: str, held: Held, services: Sequence[str]) -> Held:
    if held.content is None or not is_workflow(path):
        return held
    try:
        text = fill(held.plain.decode("utf-8"), services)
    except UnicodeDecodeError:
        return held
    return replace(held, content=held.written(text))


def _real(change: Change, held: Mapping[str, Held]) -> Change:
    real = replace(change, held=held[change.path])
    news = real.writes and real.fate in QUIET
    return replace(real, fate=Fate.MERGED) if news else real
