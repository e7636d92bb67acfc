"""`CMD` or `ENTRYPOINT` is in shell form, so a shell stands between Docker and the program.

## Why

`docker stop` signals the shell. Most shells do not pass it on where they run more than one plain
command: the program learns nothing, is killed 10 s later, and `down` takes that long.

## Example

```dockerfile
FROM python:3.13-slim
CMD python app.py
```

## Better

```dockerfile
FROM python:3.13-slim
CMD ["python", "app.py"]
```

## Mend

Write the words as a JSON list. Where variables must be filled in, keep the shell and let it step
aside: `CMD exec uvicorn app:app --port "$PORT"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.lint.helpers.dockerfiles import Stage, stages
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

_PLAIN = re.compile(r"[\w./:@%+,-]+(?: [\w./:@%+,=-]+)*")
_BUILTINS = frozenset(
    ("cd", "set", "export", "source", ".", "exit", "ulimit", "umask", "eval", ":")
)


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    for stage in stages(document):
        if any(line.word == "SHELL" for line in stage.chain):
            continue
        for word in ("CMD", "ENTRYPOINT"):
            # Only the last one counts.
            for line in [line for line in stage.steps if line.word == word][-1:]:
                if not _is_exec(line.value):
                    what = f"the shell that runs this {word} may keep signals to itself"
                    yield Hit(line.span, what, fix=_fix(document, stage, line))


def _is_exec(value: str) -> bool:
    if re.search(r"(?:^|[\s;&|])exec\s", value):
        return True
    try:
        return isinstance(json.loads(value), list)
    except ValueError:
        return not value.strip()


def _fix(document: DockerfileDocument, stage: Stage, line: Instruction) -> Fix | None:
    """Return the exec form of a plain ``CMD``; beside an ``ENTRYPOINT`` it is not certain."""
    raw = document.text[line.span.start : line.span.end]
    if line.word != "CMD" or any(step.word == "ENTRYPOINT" for step in stage.chain):
        return None
    if not raw.endswith(line.value) or not _PLAIN.fullmatch(line.value):
        return None
    words = line.value.split()
    if words[0] in _BUILTINS or not _known(stage.image):
        return None
    begin = line.span.end - len(line.value)
    edit = Edit(Span(begin, line.span.end), json.dumps(words))
    return Fix((edit,), (("CMD",),))


def _known(image: str) -> bool:
    """Return whether an image is known to hand on any command as it is."""
    name = image.partition("@")[0].partition(":")[0].removeprefix("docker.io/")
    return name.removeprefix("library/") in ("python", "node", "golang", "ruby", "debian", "ubuntu")


RULE = Rule(
    code="SEA506",
    name="shell-form-command",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="write the words as a JSON list, or put exec in front where a shell is needed",
    of=DockerfileDocument,
    check=_check,
)
