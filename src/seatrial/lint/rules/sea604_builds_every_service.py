"""A workflow builds the images of all services whenever anything changes.

## Why

One changed line in one service then costs the builds of all of them, on every push. Most of that
time the images come out as they were.

## Example

```yaml
# file: .github/workflows/build.yml
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        service: [api, worker]
    steps:
      - run: docker build -f services/$SERVICE/Dockerfile .
        env:
          SERVICE: ${{ matrix.service }}
```

## Better

```yaml
# file: .github/workflows/build.yml
on: push
jobs:
  changed:
    runs-on: ubuntu-latest
    outputs:
      matrix: ${{ steps.matrix.outputs.matrix }}
    steps:
      - run: echo "matrix=$(seatrial ci matrix)" >> "$GITHUB_OUTPUT"
        id: matrix
  build:
    needs: changed
    runs-on: ubuntu-latest
    strategy:
      matrix: ${{ fromJSON(needs.changed.outputs.matrix) }}
    steps:
      - run: docker build -f services/$SERVICE/Dockerfile .
        env:
          SERVICE: ${{ matrix.service }}
```

## Mend

Build what changed: a matrix made of the changed services, or a workflow a service with `paths:`. A
release builds all of them: a workflow that only tags start is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import ListNode, MapNode, Node
from seatrial.lint.documents import WorkflowDocument, scalar
from seatrial.lint.helpers.workflows import Job, events, jobs, steps, text_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_BUILD = re.compile(
    r"\bdocker\s+(?:buildx\s+)?build\b|\bdocker\s+buildx\s+bake\b|\bbuildah\s+bud\b"
)
_COMPOSE_BUILD = re.compile(r"\bdocker[ -]compose\b[^\n&|;]*\sbuild\b(?!\s+(?:-\S+\s+)*[a-z$\"])")
_LOOP = re.compile(r"\bfor\s+\w+\s+in\s+[^\n;]*\bservices/\*")
_CHANGED = re.compile(
    r"paths-filter|changed-files|git diff|seatrial ci|--changed|turbo\b|\bnx affected|\baffected\b"
    r"|dorny/|if: .*(?:changes|changed)",
    re.IGNORECASE,
)


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    started = events(document)
    if not any(_on_every_change(name, node) for name, node in started.items()):
        return
    if _CHANGED.search(document.text):
        return
    for job in jobs(document):
        span = _every_service(document, job)
        if span is not None:
            yield Hit(span, f"{job.name} builds every service on every change")


def _on_every_change(name: str, node: Node | None) -> bool:
    if name not in ("push", "pull_request"):
        return False
    if not isinstance(node, MapNode):
        return True
    if "paths" in node.items or "paths-ignore" in node.items:
        return False
    # With tags alone, branches start nothing.
    return "tags" not in node.items or "branches" in node.items or "branches-ignore" in node.items


def _every_service(document: WorkflowDocument, job: Job) -> Span | None:
    scripts = [step.run.text for step in steps(job) if step.run is not None]
    builds = any(_BUILD.search(script) for script in scripts) or any(
        step.uses is not None and step.uses.text.startswith("docker/build-push-action")
        for step in steps(job)
    )
    for step in steps(job):
        run = step.run
        if run is not None and (_COMPOSE_BUILD.search(run.text) or _looped(run.text)):
            # `up --build` of a test environment is a test, which needs what it needs.
            return _first_line(document, run.span[0]) if len(_services(document)) > 1 else None
    return _matrix(document, job) if builds else None


def _looped(script: str) -> bool:
    return _LOOP.search(script) is not None and _BUILD.search(script) is not None


def _matrix(document: WorkflowDocument, job: Job) -> Span | None:
    """Return where a matrix names all services of the repository, two at least."""
    strategy = job.node.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, MapNode) else None
    for name, node in matrix.items.items() if isinstance(matrix, MapNode) else ():
        if isinstance(node, ListNode):
            named = {_service_name(item) for item in node.items}
            services = _services(document)
            if len(named) > 1 and len(services) > 1 and services <= named:
                return Span(*(matrix.keys[name] if isinstance(matrix, MapNode) else node).span)
    return None


def _service_name(item: Node) -> str:
    if isinstance(item, MapNode):
        return next((text for key in ("service", "name") if (text := scalar(item.get(key)))), "")
    return text_of(item).rstrip("/").rpartition("/")[2]


def _services(document: WorkflowDocument) -> set[str]:
    """Return the services that an image is built of: folders of ``services/`` with a Dockerfile."""
    found = (re.fullmatch(r"services/([^/]+)/.*Dockerfile", at) for at in document.repository.paths)
    return {match[1] for match in found if match}


def _first_line(document: WorkflowDocument, at: int) -> Span:
    end = document.text.find("\n", at)
    return Span(at, end if end >= 0 else len(document.text))


RULE = Rule(
    code="SEA604",
    name="builds-every-service",
    severity=Severity.WARNING,
    category=Category.WORKFLOW,
    mend="build the services that changed: a matrix of those, or paths: a workflow",
    of=WorkflowDocument,
    check=_check,
)
