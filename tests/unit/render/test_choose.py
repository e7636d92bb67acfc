from __future__ import annotations

import pytest

from seatrial.render.choose import AGENT_VARIABLES, Annotations, Display, Facts, choose


def automatic(env: dict[str, str] | None = None, *, tty: bool = True) -> Display:
    return choose(Display.AUTO, Facts(tty, env=env or {})).display


def test_a_terminal_gets_the_live_display() -> None:
    assert automatic({"TERM": "xterm"}) is Display.LIVE


def test_a_pipe_gets_plain_lines() -> None:
    assert automatic(tty=False) is Display.PLAIN


@pytest.mark.parametrize("variable", AGENT_VARIABLES)
def test_an_agent_gets_its_own_output_even_on_a_terminal(variable: str) -> None:
    assert automatic({variable: "1"}) is Display.AGENT


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_an_agent_variable_that_is_switched_off_does_not_count(value: str) -> None:
    assert automatic({"CLAUDECODE": value}) is Display.LIVE


@pytest.mark.parametrize("env", [{"CI": "true"}, {"GITHUB_ACTIONS": "true"}, {"TERM": "dumb"}])
def test_ci_and_dumb_terminals_get_plain_lines(env: dict[str, str]) -> None:
    assert automatic(env) is Display.PLAIN


@pytest.mark.parametrize("asked", [Display.LIVE, Display.PLAIN, Display.AGENT, Display.JSON])
def test_an_explicit_flag_wins_over_every_fact(asked: Display) -> None:
    facts = Facts(False, "ascii", 80, {"CLAUDECODE": "1", "CI": "1", "TERM": "dumb"})
    assert choose(asked, facts).display is asked


@pytest.mark.parametrize(
    ("tty", "env", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (True, {"FORCE_COLOR": "0"}, False),
        (True, {"CLICOLOR": "0"}, False),
        (True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_follows_the_conventions(tty: bool, env: dict[str, str], colour: bool) -> None:
    assert choose(Display.PLAIN, Facts(tty, env=env)).colour is colour


@pytest.mark.parametrize("asked", [Display.AGENT, Display.JSON])
def test_what_programs_read_is_never_coloured(asked: Display) -> None:
    assert not choose(asked, Facts(True, env={"FORCE_COLOR": "1"})).colour


@pytest.mark.parametrize(
    ("encoding", "ascii"),
    [("utf-8", False), ("UTF8", False), ("ANSI_X3.4-1968", True), ("latin-1", True)],
)
def test_an_encoding_that_is_not_utf_8_gets_ascii_glyphs(encoding: str, ascii: bool) -> None:
    assert choose(Display.AUTO, Facts(True, encoding)).ascii is ascii


def test_gitea_is_told_from_github_whose_variables_it_sets_too() -> None:
    both = {"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true"}
    assert choose(Display.AUTO, Facts(False, env=both)).annotations is Annotations.GITEA
    github = {"GITHUB_ACTIONS": "true"}
    assert choose(Display.AUTO, Facts(False, env=github)).annotations is Annotations.GITHUB
    assert choose(Display.AUTO, Facts(False)).annotations is Annotations.NONE
