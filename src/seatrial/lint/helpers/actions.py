"""What a workflow uses from elsewhere, and whether that can be moved under it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.workflows import jobs, steps

_PINNED = re.compile(r"@(?:[0-9a-f]{40}|[0-9a-f]{64})$|^docker://.*@sha256:[0-9a-f]{64}$")
# Gitea takes whole addresses; `actions` is the mirror of GitHub's own there.
_OFFICIAL = re.compile(
    r"(?:https?://(?:github|gitea|code\.forgejo)\.(?:com|org)/)?(?:actions|github)/"
)


def loose(document: WorkflowDocument) -> Iterator[ScalarNode]:
    """Yield the values of ``uses`` that name a tag, a branch or nothing."""
    for job in jobs(document):
        values = [job.node.get("uses"), *(step.uses for step in steps(job))]
        for node in values:
            if isinstance(node, ScalarNode) and not _fixed(node.text):
                yield node


def is_official(uses: str) -> bool:
    """Return whether an action is of who runs the workflow."""
    return _OFFICIAL.match(uses) is not None


def _fixed(uses: str) -> bool:
    # `./…` is of this repository, at this commit.
    return uses.startswith(("./", "../")) or "${{" in uses or _PINNED.search(uses) is not None
