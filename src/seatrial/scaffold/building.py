"""Answers to a whole tree, and one more service to a tree that is there."""

from __future__ import annotations

from pathlib import Path

from seatrial.scaffold.laying import STACK_MARK, lay
from seatrial.scaffold.model import Answers, File
from seatrial.scaffold.parts import project_files, service_parts


def build(answers: Answers, templates: Path) -> dict[str, File]:
    """Return the tree of a new repository: its root, then each service in order."""
    tree = project_files(answers.project, templates)
    for one in answers.services:
        parts = service_parts(one, answers.project, templates)
        tree |= lay(tree, parts, with_stack=STACK_MARK not in tree).files
    return tree
