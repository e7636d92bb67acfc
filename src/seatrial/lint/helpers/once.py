"""One finding for one place, however many services an anchor puts it into."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.model import Hit, Span

Check = Callable[[ComposeDocument], Iterable[Hit]]


def once(check: Check) -> Check:
    """Return ``check`` with the first hit of every span alone: there it is to be mended."""

    def first_of_each(document: ComposeDocument) -> Iterator[Hit]:
        seen: set[Span] = set()
        for hit in check(document):
            if hit.span not in seen:
                seen.add(hit.span)
                yield hit

    return first_of_each
