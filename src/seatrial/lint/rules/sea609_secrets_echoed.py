"""A script prints a secret, or traces its commands while it has one.

## Why

Logs are masked only where the secret stands just as it was saved. Encoded, cut or part of JSON, it
is readable for everybody who may read the log: in public repositories, for everybody.

## Example

```yaml
# file: .github/workflows/deploy.yml
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ secrets.DEPLOY_KEY }}" | base64
```

## Better

```yaml
# file: .github/workflows/deploy.yml
on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: printf '%s' "$DEPLOY_KEY" > key && chmod 600 key
        env:
          DEPLOY_KEY: ${{ secrets.DEPLOY_KEY }}
```

## Mend

Hand the secret over as a variable (`env:`), write it to a file or to the program's standard input,
and take `set -x` out of scripts that have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.workflows import Step, all_steps, line_span
from seatrial.lint.model import Category, Hit, Rule, Severity

_SECRET = r"\$\{\{\s*secrets\.(?P<name>\w+)\s*\}\}"
_ECHO = re.compile(rf"^(?P<line>[^\n#]*\b(?:echo|printf)\b[^\n]*?{_SECRET}[^\n]*)$", re.MULTILINE)
# Into a file, a variable of the job, another program's input, or a mask: not to the log.
_ELSEWHERE = re.compile(
    r">|\|\s*(?:\\\n\s*)?(?:\w+=\S*\s+)*(?:sudo\s+)?(?!base64|tee|cat|jq|xxd|rev|cut|sed|tr)\w|::add-mask::|\$\("
)
# The line behind one that ends with a backslash belongs to it.
_CONTINUED = re.compile(r"(?:(?<=\\)\n[^\n]*)+")
_TRACE = re.compile(r"^\s*(?:set\s+-\w*x\w*|set\s+-o\s+xtrace)\b[^\n]*", re.MULTILINE)


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    for step in all_steps(document):
        run = step.run
        if run is None:
            continue
        for found in _ECHO.finditer(run.text):
            line = found["line"] + _following(run.text, found)
            if not _ELSEWHERE.search(line.replace(f"secrets.{found['name']}", "")):
                span = line_span(document, run, found["line"].strip())
                yield Hit(span, f"the secret {found['name']} is printed into the log")
        trace = _TRACE.search(run.text)
        if trace and (name := _held(step)):
            span = line_span(document, run, trace[0].strip())
            yield Hit(span, f"the trace prints commands that hold the secret {name}")


def _following(script: str, found: re.Match[str]) -> str:
    continued = _CONTINUED.match(script, found.end())
    return continued[0] if continued else ""


def _held(step: Step) -> str:
    """Return the secret that a command of the script is given, as text or as a variable."""
    run = step.run
    script = run.text if run is not None else ""
    found = re.search(_SECRET, script)
    if found:
        return found["name"]
    env = step.node.get("env")
    for name, node in env.items.items() if isinstance(env, MapNode) else ():
        secret = re.search(_SECRET, getattr(node, "text", ""))
        if secret and re.search(rf"\$\{{?{re.escape(name)}\b", script):
            return secret["name"]
    return ""


RULE = Rule(
    code="SEA609",
    name="secrets-echoed",
    severity=Severity.WARNING,
    category=Category.WORKFLOW,
    mend="hand it over as a variable, to a file or to standard input, without set -x",
    of=WorkflowDocument,
    check=_check,
)
