"""A workflow with the rights of the repository checks out a pull request's own code.

## Why

`pull_request_target` and `workflow_run` have a token that may write, and the secrets. When they
check out what a stranger sent and run anything of it (a build, tests, an install), the stranger has
both.

## Example

```yaml
# file: .github/workflows/test.yml
on: pull_request_target
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: make test
```

## Better

```yaml
# file: .github/workflows/test.yml
on: pull_request
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: make test
```

## Mend

Use `pull_request`, whose token may only read. What needs rights (a label, a comment) belongs into a
second workflow that takes no code of the pull request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import WorkflowDocument, scalar
from seatrial.lint.helpers.workflows import Step, all_steps, events, line_span
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_RIGHTS = frozenset(("pull_request_target", "workflow_run", "issue_comment"))
_HEAD = re.compile(
    r"github\.(?:event\.(?:pull_request\.(?:head\.(?:sha|ref|repo\.full_name)|number)"
    r"|workflow_run\.head_(?:sha|branch)|number)|head_ref)\b|refs/pull/"
)
# A condition that lets only the repository's own people or a known bot through.
_TRUSTED = re.compile(
    r"user\.login\s*==|author_association|head_?\.?repo(?:sitory)?\.full_name\s*==\s*github\.repository"
    r"|head\.repo\.fork\s*==\s*false|workflow_run\.event\s*==\s*'push'"
)
_FETCH = re.compile(r"\bgh\s+pr\s+checkout\b|\bgit\s+fetch\b[^\n]*\bpull/[^\n]*/(?:head|merge)")


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    started = events(document).keys()
    if not started & _RIGHTS:
        return
    why = "with the rights of the repository"
    for step in all_steps(document):
        if any(_TRUSTED.search(scalar(at.get("if")) or "") for at in (step.job.node, step.node)):
            continue
        ref = _ref(step)
        if ref is not None:
            yield Hit(Span(*ref.span), f"the pull request's code is checked out {why}")
        run = step.run
        if run is not None and (found := _FETCH.search(run.text)):
            span = line_span(document, run, found[0])
            yield Hit(span, f"the pull request's code is checked out {why}")


def _ref(step: Step) -> ScalarNode | None:
    uses = step.uses
    if uses is None or not re.search(r"(?:^|/)actions/checkout@", uses.text):
        return None
    for name in ("ref", "repository"):
        node = step.given(name)
        if node is not None and _HEAD.search(node.text):
            return node
    return None


RULE = Rule(
    code="SEA606",
    name="untrusted-checkout",
    severity=Severity.ERROR,
    category=Category.WORKFLOW,
    mend="use pull_request, whose token may only read",
    of=WorkflowDocument,
    check=_check,
)
