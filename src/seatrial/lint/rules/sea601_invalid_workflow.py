"""A workflow is not what GitHub or Gitea can run: a key that does not exist, a job without steps.

## Why

A workflow with a mistake in it does not run at all, or without the part that was misspelt. Nothing
says so where it was written: the push goes through, and no check appears.

## Example

```yaml
# file: .github/workflows/test.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    need: build
    steps:
      - run: make test
```

## Better

```yaml
# file: .github/workflows/test.yml
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
  test:
    runs-on: ubuntu-latest
    needs: build
    steps:
      - run: make test
```

## Mend

Correct what is named. Where the package `check-jsonschema` is installed (`seatrial[workflows]`),
workflows of GitHub are also held to the whole schema that it ships.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ListNode, MapNode, ScalarNode
from seatrial.lint.documents import WorkflowDocument, words
from seatrial.lint.helpers.schemas import violations
from seatrial.lint.helpers.workflows import Job, jobs, on_github
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_TOP = ("name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs")
_JOB = (
    *("name", "permissions", "needs", "if", "runs-on", "environment", "concurrency", "outputs"),
    *("env", "defaults", "steps", "timeout-minutes", "strategy", "continue-on-error", "container"),
    *("services", "uses", "with", "secrets", "snapshot"),
)
_STEP = (
    *("id", "if", "name", "uses", "run", "working-directory", "shell", "with", "env"),
    *("continue-on-error", "timeout-minutes"),
)


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    all_jobs = tuple(jobs(document))
    names = frozenset(job.name for job in all_jobs)
    found = (*_top(document), *(hit for job in all_jobs for hit in _job(job, names)))
    yield from found
    if not found and on_github(document):
        for span, what in violations(document.root, "github-workflows"):
            yield Hit(span, what)


def _top(document: WorkflowDocument) -> Iterator[Hit]:
    root = document.root
    yield from _unknown(root, _TOP, "a workflow")
    for key in ("on", "jobs"):
        if root.get(key) is None:
            yield Hit(Span(*root.span), f"the workflow has no {key}, so it never runs")
    section = root.get("jobs")
    if isinstance(section, MapNode):
        for name, node in section.items.items():
            if not isinstance(node, MapNode):
                yield Hit(Span(*section.keys[name].span), f"the job {name} is not a mapping")


def _job(job: Job, names: frozenset[str]) -> Iterator[Hit]:
    yield from _unknown(job.node, _JOB, "a job")
    for need in words(job.node.get("needs")):
        if need.text not in names and "${{" not in need.text:
            yield Hit(Span(*need.span), f"{job.name} needs the job {need.text}, which is not there")
    if job.node.get("uses") is not None:
        return
    if job.node.get("runs-on") is None:
        yield Hit(job.span, f"the job {job.name} has neither runs-on nor uses")
    section = job.node.get("steps")
    if not isinstance(section, ListNode) or not section.items:
        yield Hit(job.span, f"the job {job.name} has no steps")
        return
    for step in section.items:
        if isinstance(step, MapNode):
            yield from _step(step)
        elif isinstance(step, ScalarNode):
            yield Hit(Span(*step.span), f"this step of {job.name} is not a mapping")


def _step(step: MapNode) -> Iterator[Hit]:
    yield from _unknown(step, _STEP, "a step")
    has = [key for key in ("run", "uses") if key in step.items]
    first = next(iter(step.keys.values()), None)
    span = Span(*(first or step).span)
    if not has:
        yield Hit(span, "this step has neither run nor uses")
    elif len(has) == 2:
        yield Hit(span, "this step has both run and uses")


def _unknown(node: MapNode, known: tuple[str, ...], holder: str) -> Iterator[Hit]:
    for name, key in node.keys.items():
        if name not in known:
            yield Hit(Span(*key.span), f"{holder} has no key {name}")


RULE = Rule(
    code="SEA601",
    name="invalid-workflow",
    severity=Severity.ERROR,
    category=Category.WORKFLOW,
    mend="correct it: the workflow does not run as it stands",
    of=WorkflowDocument,
    check=_check,
)
