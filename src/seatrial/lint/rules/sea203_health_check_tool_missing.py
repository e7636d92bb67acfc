"""A health check calls a program that the service's image does not have.

## Why

The test then fails with "not found" for ever: the service is unhealthy however well it is, and
`up --wait` gives up. Slim images have no `curl`, Alpine has neither `curl` nor `bash`, and images
made from nothing have no shell at all.

## Example

```yaml
services:
  broker:
    image: nats:2.11
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://127.0.0.1:8222/healthz"]
```

## Better

```yaml
services:
  broker:
    image: nats:2.11-alpine
    healthcheck:
      test: ["CMD", "wget", "-q", "--spider", "http://127.0.0.1:8222/healthz"]
```

## Mend

Ask with what the image has: its own client, or its language, such as
`["CMD", "python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/')"]`.
Or take a variant that has the program, or install it in the Dockerfile. A Dockerfile that installs
packages of its system, or runs scripts, is believed to have seen to it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument, ComposeService, Instruction
from seatrial.lint.helpers.images import image_of
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.probes import Probe, probe_of
from seatrial.lint.helpers.stages import chain_of
from seatrial.lint.helpers.tools import lacks
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_INSTALLS = re.compile(
    r"\b(?:apt|apt-get|apk|dnf|microdnf|yum|zypper|dpkg|curl|wget|make|install-php-extensions)\b"
    r"|\.sh\b|\.deb\b|https?://"
)
_SYSTEM = ("/", "/usr", "/usr/local", "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        check = service.node.get("healthcheck")
        test = check.get("test") if isinstance(check, MapNode) else None
        probe = probe_of(test)
        if test is None or probe is None or "extends" in service.node.items:
            continue
        image = _certain_image(document, service)
        missing = _missing(image, probe) if image else ""
        if missing:
            what = (
                f"the health check of {service.name} calls {missing}, which {image} does not have"
            )
            yield Hit(Span(*test.span), what)


def _certain_image(document: ComposeDocument, service: ComposeService) -> str:
    """Return the public image whose programs a service has, no more and no less."""
    if service.get("build") is None:
        return image_of(service)
    found = chain_of(document, service)
    return "" if found is None or any(map(_may_bring, found.steps)) else found.base


def _may_bring(step: Instruction) -> bool:
    """Return whether an instruction may add programs that a health check calls."""
    if step.word in ("RUN", "ONBUILD", "ADD"):
        return step.word == "ADD" or _INSTALLS.search(step.value) is not None
    if step.word != "COPY":
        return False
    sources = [word for word in step.value.split() if not word.startswith("--")][:-1]
    names = (posixpath.normpath(source.strip('[]",')) for source in sources)
    return any(name in _SYSTEM or posixpath.basename(name) in ("curl", "wget") for name in names)


def _missing(image: str, probe: Probe) -> str:
    if probe.runs_shell and lacks(image, "sh"):
        return "a shell"
    return next((name for name in sorted(probe.programs()) if lacks(image, name)), "")


RULE = Rule(
    code="SEA203",
    name="health-check-tool-missing",
    severity=Severity.ERROR,
    category=Category.RUNTIME,
    mend="ask with a program that the image has",
    of=ComposeDocument,
    check=once(_check),
)
