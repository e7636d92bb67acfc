"""What ``init`` says: what it found, what it would write, how that differs and why."""

from __future__ import annotations

import os
from collections.abc import Iterator

from seatrial.scaffold.adopt.model import (
    Difference,
    FoundService,
    FoundSuite,
    Proposal,
    ProposedFile,
)


def proposal_lines(proposal: Proposal, *, texts: bool = False) -> Iterator[str]:
    """Yield the whole plan; with ``texts`` what each new file would hold, too."""
    found = proposal.findings
    yield f"{found.name}  {found.root}"
    yield ""
    yield "Found"
    for service in found.services:
        yield from _service(service)
    for suite in found.suites:
        yield f"  the whole  {_suite(suite)}"
    unused = {file for file, _ in found.others}
    for one in found.sets:
        names = " and ".join(os.path.relpath(file, found.root) for file in one.files)
        if one.files[0] not in unused:
            yield f"  compose    {names}"
    for file, why in found.others:
        yield f"  compose    {os.path.relpath(file, found.root)}, not used: {why}"
    there = [file for file in proposal.files if file.there]
    for file_ in there:
        yield f"  there already, left as it is: {file_.path}"
    if proposal.missing:
        yield ""
        yield "To write"
        told: set[Difference] = set()
        for missing in proposal.missing:
            yield from _file(missing, texts, told)
            told |= set(missing.differences)
    if proposal.notes:
        yield ""
        yield "To look at"
        yield from (f"  {note}" for note in proposal.notes)


def _service(service: FoundService) -> Iterator[str]:
    place = "the root" if service.path == "." else f"{service.path}/"
    container = f", compose service {service.container}" if service.container else ""
    yield f"  service    {service.name}  {place}  ({service.cause}{container})"
    for suite in service.suites:
        yield f"      {suite.stage:<12} {_suite(suite)}"
    for stage, why in service.dropped.items():
        yield f"      no {stage:<9} {why}"
    if not service.suites and not service.dropped:
        yield "      no tests"


def _suite(suite: FoundSuite) -> str:
    where = " ".join(suite.command) if suite.command else ", ".join(suite.paths)
    apart = f" but {', '.join(suite.apart)}" if suite.apart else ""
    return f"{where}{apart}  because {suite.cause}" if where else suite.cause


def _file(file: ProposedFile, texts: bool, told: set[Difference]) -> Iterator[str]:
    """Yield one file; what differs just as in a file before it is not told again."""
    yield f"  {file.path}  because {file.cause}"
    if file.origin:
        yield f"      from {file.origin}, with these differences:"
    service = ""
    for difference in file.differences:
        if difference in told:
            continue
        if difference.service != service:
            service = difference.service
            yield f"      {service or 'the file'}"
        yield f"        {difference.what}: {difference.cause}"
    again = dict.fromkeys(d.service for d in file.differences if d in told)
    if again:
        yield f"      as above: {', '.join(again)}"
    if texts:
        yield from (f"      | {line}".rstrip() for line in file.text.splitlines())


def written_lines(proposal: Proposal) -> Iterator[str]:
    """Yield what was written, and the next step."""
    yield from (f"wrote {file.path}" for file in proposal.missing)
    stages = {suite.stage for service in proposal.findings.services for suite in service.suites}
    stages |= {suite.stage for suite in proposal.findings.suites}
    if stages:
        yield "next: seatrial test --dry-run shows what would run, seatrial test runs it"
    else:
        yield "no tests were found: put a first one into tests/unit of a service"
