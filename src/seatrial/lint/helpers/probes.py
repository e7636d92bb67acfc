"""The test of a health check, taken apart."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, Node, ScalarNode

_SHELLS = ("sh", "bash", "ash", "dash")
_PARTS = re.compile(r"\|\||&&|[;|\n]")
_WORD = re.compile(r"[^\s()'\"`$]+")
_BEFORE = frozenset(("!", "exec", "if", "then", "else", "while", "do", "time", "timeout", "{", "("))


@dataclass(frozen=True, slots=True)
class Probe:
    """A test: ``words`` of a program, or the ``shell`` text that a shell is given.

    ``runs_shell`` says that the container has to have one.
    """

    words: tuple[str, ...] = ()
    shell: str = ""
    runs_shell: bool = False

    def programs(self) -> frozenset[str]:
        """Return the programs that it certainly calls, by their base names."""
        if not self.shell:
            return frozenset({posixpath.basename(self.words[0])} if self.words else ())
        starts = [_first(part) for part in _PARTS.split(self.shell)]
        named = {posixpath.basename(word) for word in starts if word}
        return frozenset(named | {posixpath.basename(word) for word in self.words[:1]})


def probe_of(test: Node | None) -> Probe | None:
    """Return what a ``test:`` runs; ``None`` for none, and for one that Compose would refuse."""
    if isinstance(test, ScalarNode):
        return None if test.text == "NONE" else Probe((), test.text, True)
    if not isinstance(test, ListNode):
        return None
    texts = [item.text for item in test.items if isinstance(item, ScalarNode)]
    if len(texts) < 2:
        return None
    if texts[0] == "CMD-SHELL":
        return Probe((), " ".join(texts[1:]), True)
    if texts[0] != "CMD":
        return None
    words = tuple(texts[1:])
    name = posixpath.basename(words[0])
    if name in _SHELLS and len(words) > 2 and re.fullmatch(r"-\w*c", words[1]):
        return Probe(words, words[2], True)
    return Probe(words)


def _first(part: str) -> str:
    for word in part.split():
        if word in _BEFORE or re.fullmatch(r"\w+=\S*", word):
            continue
        found = _WORD.fullmatch(word)
        return found[0] if found else ""
    return ""
