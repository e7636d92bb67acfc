"""What a person is asked for; each answer is checked at once, and asked for again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from seatrial.errors import UsageError
from seatrial.scaffold.answers import TRIO, Wish, check_distinct, find_backing, find_kind, make_wish
from seatrial.scaffold.kinds import KINDS, Kind
from seatrial.scaffold.names import check_service

_T = TypeVar("_T")


def ask_for_services(project: str) -> list[Wish]:
    """Ask for services one by one until the name is empty; none where it is so at once."""
    click.echo(f"Services of {project}; an empty name ends the list.")
    click.echo(f"An empty list makes {', '.join(TRIO)}.")
    wishes: list[Wish] = []
    while (one := _ask_for_service(wishes)) is not None:
        wishes.append(one)
    return wishes


def ask_for_kind() -> Kind:
    """Ask for a kind."""
    width = max(map(len, KINDS))
    for kind in KINDS.values():
        click.echo(f"  {kind.name:<{width}}  {kind.summary}")
    return _ask("Kind", find_kind, default=next(iter(KINDS)))


def ask_for_backing(kind: Kind) -> str:
    """Ask what a service of ``kind`` stands on, where there is a choice."""
    if len(kind.backings) < 2:
        return find_backing(kind, "")
    question = f"Backing service ({', '.join(kind.backings)})"
    return _ask(question, lambda text: find_backing(kind, text), default=kind.backings[0])


def _ask_for_service(earlier: list[Wish]) -> Wish | None:
    def name_of(text: str) -> str:
        if text:
            check_service(text)
            check_distinct([*earlier, Wish(text, "")])
        return text

    name = _ask("\nName of a service", name_of, default="")
    if not name:
        return None
    kind = ask_for_kind()
    return make_wish(name, kind.name, ask_for_backing(kind))


def _ask(question: str, read: Callable[[str], _T], default: str) -> _T:
    while True:
        text: str = click.prompt(question, default=default, show_default=bool(default))
        try:
            return read(text.strip())
        except UsageError as error:
            click.echo(f"{error.what}: {error.mend}")
