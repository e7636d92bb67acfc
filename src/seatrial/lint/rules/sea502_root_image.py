"""A Dockerfile's last stage runs its program as root.

## Why

Who breaks into the program is root in the container: writes its files, installs what is missing,
and has one wall less to the host. Few services need root for anything but a low port.

## Example

```dockerfile
FROM python:3.13-slim
COPY app.py ./
CMD ["python", "app.py"]
```

## Better

```dockerfile
FROM python:3.13-slim
COPY app.py ./
USER 10001:10001
CMD ["python", "app.py"]
```

## Mend

Put `USER` with a number, or with a user that the image has (`node`), in front of `CMD`, and give
that user the folders that it writes to. Images that step down by themselves, and bases that nobody
here knows, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument
from seatrial.lint.helpers.dockerfiles import stages
from seatrial.lint.helpers.stages import Chain
from seatrial.lint.helpers.users import chain_is_root
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    last = stages(document)[-1:]
    for stage in last:
        words = {line.word for line in stage.chain}
        if words & {"CMD", "ENTRYPOINT"} and chain_is_root(Chain(stage.image, stage.chain)):
            users = [line for line in stage.steps if line.word == "USER"]
            yield Hit((users or [stage.start])[-1].span, "the image's program runs as root")


RULE = Rule(
    code="SEA502",
    name="root-image",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="put USER with a number or a user of the image in front of CMD",
    of=DockerfileDocument,
    check=_check,
)
