from __future__ import annotations

import time
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from seatrial.cli.completion import SHELLS, command, complete_service


@click.group()
@click.option("-C", "folder", type=click.Path(path_type=Path))
def program(folder: Path | None) -> None:
    """Stand in for seatrial's own group."""


@program.command("test")
@click.argument("services", nargs=-1, shell_complete=complete_service)
def verb(services: tuple[str, ...]) -> None:
    """Stand in for a verb."""


def offered(words: list[str], incomplete: str) -> list[str]:
    completer = ShellComplete(program, {}, "program", "_PROGRAM_COMPLETE")
    return [item.value for item in completer.get_completions(words, incomplete)]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name in ("api", "app", "web"):
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "Dockerfile").write_text("")
    return tmp_path


def test_services_are_offered_by_their_beginning(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    assert offered(["test"], "") == ["api", "app", "web"]
    assert offered(["test"], "ap") == ["api", "app"]


def test_a_service_is_offered_once(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    assert offered(["test", "api"], "a") == ["app"]


def test_the_folder_of_the_option_is_where_services_are_looked_for(shop: Path) -> None:
    assert offered(["-C", str(shop), "test"], "w") == ["web"]


@pytest.mark.parametrize("toml", ["broken", "[services.nope]", ""])
def test_a_repository_that_is_wrong_offers_nothing_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toml: str
) -> None:
    (tmp_path / "seatrial.toml").write_text(toml)
    monkeypatch.chdir(tmp_path)
    assert offered(["test"], "") == []


def test_sixty_services_are_offered_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        (tmp_path / f"services/s{number:02}").mkdir(parents=True)
        (tmp_path / f"services/s{number:02}/pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    started = time.process_time()
    assert len(offered(["test"], "s")) == 60
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(shell: str) -> None:
    result = CliRunner().invoke(command, [shell])
    if shell == "bash" and result.exit_code != 0:
        pytest.skip("click asks bash for its version, and there is none")
    assert f"_SEATRIAL_COMPLETE={shell}_complete" in result.output
