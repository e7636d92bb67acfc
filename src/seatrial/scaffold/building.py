"""Answers to a whole tree, and one more service to a tree that is there."""

from __future__ import annotations

from pathlib import Path

from seatrial.scaffold.laying import STACK_MARK, lay
from seatrial.scaffold.model import Answers, File
from seatrial.scaffold.parts import project_files, service_parts
from seatrial.scaffold.workflows import workflow_files


def build(answers: Answers, templates: Path) -> dict[str, File]:
    """Return the tree of a new repository: its root, each service in order, its workflows."""
    tree = project_files(answers, templates)
    for one in answers.services:
        parts = service_parts(one, answers.project, templates)
        tree |= lay(tree, parts, with_stack=STACK_MARK not in tree).files
    names = [one.name for one in answers.services]
    return tree | workflow_files(answers.forges, names, templates)
