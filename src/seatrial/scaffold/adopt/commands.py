"""Command lines without what only development wants."""

from __future__ import annotations

import re

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.tree import ListNode, Node

TUNED_POSTGRES = (
    "postgres",
    "-c",
    "synchronous_commit=off",
    "-c",
    "fsync=off",
    "-c",
    "full_page_writes=off",
)
_ALONE = ("--reload", "--use-reloader", "--auto-reload")
_WITH_VALUE = ("--reload-dir", "--reload-include", "--reload-exclude", "--reload-engine")
_IN_TEXT = re.compile(
    r"\s+(?:--(?:reload|use-reloader|auto-reload)(?![\w-])"
    r"|--reload-(?:dir|include|exclude|engine)(?:=|\s+)\S+)"
)
_FASTAPI_DEV = re.compile(r"(^|\s)fastapi\s+dev(?![\w-])")


def of(node: Node) -> str | list[str]:
    """Return a command as its file has it: a text, or words."""
    if isinstance(node, ListNode):
        return [scalar_text(item) for item in node.items]
    return scalar_text(node)


def without_reload(command: str | list[str]) -> str | list[str]:
    """Return ``command`` without options that start it again when a source changes."""
    if isinstance(command, str):
        return _FASTAPI_DEV.sub(r"\1fastapi run", _IN_TEXT.sub("", command))
    kept: list[str] = []
    skip = False
    for word in command:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif word in _ALONE or word.partition("=")[0] in _WITH_VALUE:
            continue
        elif word == "dev" and kept[-1:] == ["fastapi"]:
            kept.append("run")
        else:
            # The text of `sh -c` is a command line of its own.
            kept.append(str(without_reload(word)) if " " in word else word)
    return kept
