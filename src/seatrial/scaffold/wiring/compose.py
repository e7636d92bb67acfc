"""Entries of a compose file's sections, added to another compose file.

The place is found in the parsed tree, the edit is one of lines, and the result is parsed again: it
must be the old model with the new entries, and nothing else. So the user's own text, comments,
order, indentation and line ends stay, or there is an error and no edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.errors import ConfigError
from seatrial.scaffold.wiring.base import Wiring, ended, line_end
from seatrial.scaffold.wiring.document import Document, is_comment

_MARK = "\ufeff"
_INDENT = 2
_Block: TypeAlias = tuple[str, ...]
# For each section the lines of the entries to add, by name.
_Missing: TypeAlias = Mapping[str, Mapping[str, _Block]]
# Lines to put in front of the line of that number.
_Edit: TypeAlias = tuple[int, list[str]]


def wire(text: str, fragment: str, path: str) -> Wiring:
    """Add the entries of ``fragment`` to the sections of ``text``; those that are there stay.

    A section that is missing is added at the end. Raises ``ConfigError`` where ``text`` is no
    compose file, or is written so that lines cannot be added; it says what to add by hand.
    """
    mark, text = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    before, wanted = Document.of(text, Path(path)), Document.of(fragment, Path(path))
    added, there = _compared(before, wanted)
    names = tuple(f"{section}.{name}" for section, blocks in added.items() for name in blocks)
    if not names:
        return Wiring(mark + text, (), there)
    goal = _model(before.root, wanted.root, added)
    for near in (True, False):
        changed = _inserted(before, _edits(before, added, near), line_end(text))
        if _says(changed, path, goal):
            return Wiring(mark + changed, names, there)
    raise _by_hand(before, added)


def _compared(before: Document, wanted: Document) -> tuple[_Missing, tuple[str, ...]]:
    """Return the blocks that ``before`` has not, and the names of the entries that it has."""
    added: dict[str, dict[str, _Block]] = {}
    there: list[str] = []
    for section in wanted.sections():
        known = before.entries(section)
        for name in wanted.entries(section):
            if name in known:
                there.append(f"{section}.{name}")
            else:
                added.setdefault(section, {})[name] = wanted.block(section, name)
    return added, tuple(there)


def _edits(document: Document, added: _Missing, near: bool) -> list[_Edit]:
    """Return where the blocks go: behind the last entry of their section, or at the very end.

    ``near`` puts them in front of blank lines and of the comments that lead to what follows. Where
    those are part of a text, they stay in front, and no blank line is added to them.
    """
    edits: list[_Edit] = []
    # Where both go to the end of the file, the last section's own entries come first.
    for section in sorted(added, key=lambda name: name not in document.root.keys):
        blocks = added[section]
        if section in document.root.keys:
            column = document.column(section, _INDENT)
            stop = document.after(section)
            at = _trimmed(document, document.line(section) + 1, stop, column) if near else stop
            between, first = _blank_lines(document, section)
            edits.append((at, _lines(blocks.values(), column, between, first and near)))
        else:
            outer = document.outer_column
            at = _trimmed(document, 0, document.end, 0) if near else document.end
            column = outer + document.depth(_INDENT)
            entries = _lines(blocks.values(), column, section == "services", False)
            head = [] if at == 0 and not edits else [""]
            edits.append((at, [*head, f"{' ' * outer}{section}:", *entries]))
    # Sorting is stable: what goes to the same place stays in order.
    return sorted(edits, key=lambda edit: edit[0])


def _blank_lines(document: Document, section: str) -> tuple[bool, bool]:
    """Return whether blank lines part the entries of a section, and lead to its next one."""
    names = document.entries(section)
    if len(names) < 2:
        return section == "services", section == "services" and bool(names)
    top = document.top_of(section, names[-1])
    parted = not document.lines[top - 1].strip()
    return parted, parted


def _lines(blocks: Iterable[_Block], column: int, between: bool, first: bool) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if first if not lines else between:
            lines.append("")
        lines += (" " * column + line if line else "" for line in block)
    return lines


def _trimmed(document: Document, start: int, stop: int, column: int) -> int:
    """Return ``stop`` without the blank lines and comments that lead to what follows."""
    while stop > start:
        line = document.lines[stop - 1]
        outer = is_comment(line) and len(line) - len(line.lstrip()) < column
        if line.strip() and not outer:
            break
        stop -= 1
    return stop


def _inserted(document: Document, edits: list[_Edit], end: str) -> str:
    text, done = "", 0
    for at, new in edits:
        text = ended(text + "".join(document.lines[done:at]), end)
        text += "".join(line + end for line in new)
        done = at
    return text + "".join(document.lines[done:])


def _says(text: str, path: str, goal: object) -> bool:
    try:
        return _plain(Document.of(text, Path(path)).root) == goal
    except ConfigError:
        return False


def _model(before: MapNode, wanted: MapNode, added: _Missing) -> object:
    """Return what the file says once all is added."""
    goal = {name: _plain(node) for name, node in before.items.items()}
    for section, blocks in added.items():
        known, new = before.get(section), wanted.items[section]
        entries = {**known.items} if isinstance(known, MapNode) else {}
        assert isinstance(new, MapNode)
        entries |= {name: new.items[name] for name in blocks}
        tag = known.tag if known is not None else ""
        goal[section] = (tag, {name: _plain(node) for name, node in entries.items()})
    return (before.tag, goal)


def _plain(node: Node) -> object:
    """Return what a node says, without where it stands."""
    if isinstance(node, ScalarNode):
        return (node.tag, type(node.value).__name__, node.value)
    if isinstance(node, ListNode):
        return (node.tag, [_plain(item) for item in node.items])
    return (node.tag, {name: _plain(item) for name, item in node.items.items()})


def _by_hand(before: Document, added: _Missing) -> ConfigError:
    detail: list[str] = []
    for section, blocks in added.items():
        detail += [f"{section}:", *_lines(blocks.values(), _INDENT, False, False)]
    section = next(iter(added))
    return ConfigError(
        "as this file is written, entries cannot be added to it line by line",
        where=before.root.where_of(section) if section in before.root.keys else before.root.where,
        mend="add these yourself, then start again",
        detail=tuple(detail),
    )
