"""What a service's ``command:`` and ``entrypoint:`` run."""

from __future__ import annotations

import posixpath
import re

from seatrial.composefile.tree import ListNode, Node, ScalarNode
from seatrial.composefile.values import split_command
from seatrial.errors import ConfigError
from seatrial.lint.documents import ComposeService
from seatrial.lint.helpers.variables import with_defaults


def command_words(node: Node | None) -> tuple[str, ...]:
    """Return the words of a command in either form; empty where it cannot be understood."""
    if isinstance(node, ListNode):
        return tuple(i.text for i in node.items if isinstance(i, ScalarNode))
    if not isinstance(node, ScalarNode):
        return ()
    try:
        return split_command(with_defaults(node.text), node.where, "command")
    except ConfigError:
        return ()


def run_by(service: ComposeService) -> tuple[str, ...]:
    """Return the whole command line that a compose file gives a service: entrypoint, command."""
    entry, command = service.get("entrypoint"), service.get("command")
    return (*command_words(entry), *command_words(command))


def shell_text(words: tuple[str, ...]) -> str:
    """Return the script of ``sh -c script``; empty for anything else."""
    if len(words) < 3 or posixpath.basename(words[0]) not in ("sh", "ash", "dash"):
        return ""
    return words[2] if re.fullmatch(r"-\w*c", words[1]) else ""
