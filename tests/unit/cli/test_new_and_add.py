"""What a person at a terminal is asked, and what the two verbs print."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from seatrial.cli import add, new, options
from seatrial.errors import UsageError
from seatrial.scaffold.record import load

Call = Callable[..., Result]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Call a verb as a person at a terminal who types ``typed``."""
    monkeypatch.chdir(tmp_path)
    for module in (new, add):
        monkeypatch.setattr(module, "is_interactive", lambda: True)

    def call(verb: str, *words: str, typed: str = "") -> Result:
        command = {"new": new.command, "add": add.command}[verb]
        return CliRunner().invoke(command, words, input=typed)

    return call


def services(root: Path) -> list[tuple[str, str, str]]:
    return [(one.name, one.kind, one.backing) for one in load(root).answers.services]


def test_a_person_is_asked_for_services_until_the_name_is_empty(
    terminal: Call, tmp_path: Path
) -> None:
    said = terminal("new", "shop", typed="api\nfastapi\nmail\nworker\nnats\n\n")
    assert said.exit_code == 0, said.output
    assert services(tmp_path / "shop") == [
        ("api", "fastapi", "postgres"),
        ("mail", "worker", "nats"),
    ]


def test_an_answer_that_makes_no_sense_is_asked_for_again(terminal: Call, tmp_path: Path) -> None:
    typed = "My Api\nmy-api\nfastpi\nfastapi\nmy-api\nq\nworker\npostgres\nredis\n\n"
    said = terminal("new", "shop", typed=typed)
    assert "call it my-api" in said.output
    assert "did you mean fastapi?" in said.output
    assert "two services are called 'my-api'" in said.output
    assert "cannot stand on 'postgres'" in said.output
    assert services(tmp_path / "shop") == [
        ("my-api", "fastapi", "postgres"),
        ("q", "worker", "redis"),
    ]


def test_nothing_typed_makes_the_three_usual_ones(terminal: Call, tmp_path: Path) -> None:
    terminal("new", "shop", typed="\n")
    assert [name for name, _, _ in services(tmp_path / "shop")] == ["api", "worker", "frontend"]


@pytest.mark.parametrize("words", [("--yes",), ("--service", "api:fastapi")])
def test_what_was_said_is_not_asked(terminal: Call, words: tuple[str, ...]) -> None:
    said = terminal("new", "shop", *words)
    assert said.exit_code == 0, said.output
    assert "Name of a service" not in said.output


def test_a_person_who_leaves_leaves_nothing(terminal: Call, tmp_path: Path) -> None:
    assert terminal("new", "shop", typed="api\n").exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_add_asks_for_the_kind_and_the_backing_service(terminal: Call, tmp_path: Path) -> None:
    terminal("new", ".", "--name", "shop", "--service", "api:fastapi")
    said = terminal("add", "mail", typed="worker\nredis\n")
    assert said.exit_code == 0, said.output
    assert ("mail", "worker", "redis") in services(tmp_path)


def test_where_nobody_can_be_asked_the_kind_is_missing(
    terminal: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(add, "is_interactive", lambda: False)
    said = terminal("add", "mail")
    assert isinstance(said.exception, UsageError)
    assert "fastapi" in said.exception.mend


def test_without_a_terminal_nobody_is_asked() -> None:
    assert not options.is_interactive()


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["--kind"], "f", ["fastapi", "frontend"]),
        (["--kind", "worker", "--with"], "", ["valkey", "redis", "nats"]),
        (["--kind", "worker", "--with"], "n", ["nats"]),
        (["--with"], "p", ["postgres"]),
        (["--kind", "nonsense", "--with"], "p", ["postgres"]),
    ],
)
def test_kinds_and_what_they_stand_on_complete(
    words: list[str], incomplete: str, offered: list[str]
) -> None:
    completer = ShellComplete(add.command, {}, "add", "_ADD_COMPLETE")
    items = completer.get_completions(["mail", *words], incomplete)
    assert [item.value for item in items] == offered
