"""What a Dockerfile's target stage comes to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from seatrial.composefile.model import Build
from seatrial.errors import ConfigError, Where
from seatrial.runtimes.process.dockerfile.model import Image
from seatrial.runtimes.process.dockerfile.reader import read

COMPOSE = Where(Path("compose.yml"), 4)


def image(text: str, target: str | None = None, **args: str) -> Image:
    build = Build(
        Path("/ctx"),
        Path("/ctx/Dockerfile"),
        COMPOSE,
        inline=dedent(text),
        target=target,
        args=args,
    )
    return read(build)


def test_a_stage_inherits_from_the_stages_it_is_made_from() -> None:
    made = image(
        """
        FROM python:3.13-slim AS base
        ENV A=1
        WORKDIR /app
        FROM base AS middle
        ENV B=$A-2
        EXPOSE 8000 9000/udp
        FROM middle
        WORKDIR sub
        CMD ["python", "main.py"]
        """
    )
    assert (made.base, made.workdir, made.env) == (
        "python:3.13-slim",
        "/app/sub",
        {"A": "1", "B": "1-2"},
    )
    assert (made.cmd, made.expose) == (("python", "main.py"), (8000,))


def test_the_target_is_read_and_not_the_last_stage() -> None:
    text = """
        FROM python:3.13 AS one
        CMD ["one"]
        FROM python:3.13 AS Two
        CMD ["two"]
        FROM nginx
        """
    assert image(text, "two").cmd == ("two",)
    assert image(text, "0").cmd == ("one",)
    assert image(text).base == "nginx"


def test_an_unknown_target_names_the_stages_there_are() -> None:
    with pytest.raises(ConfigError, match="no stage 'prod'") as caught:
        image("FROM a AS dev\n", "prod")
    assert caught.value.where == COMPOSE
    assert "dev" in caught.value.mend


@pytest.mark.parametrize(
    ("line", "cmd"),
    [
        ('CMD ["a", "b c"]', ("a", "b c")),
        ("CMD a $B && c", ("/bin/sh", "-c", "a $B && c")),
        (
            'SHELL ["bash", "-o", "pipefail", "-c"]\nCMD a | b',
            ("bash", "-o", "pipefail", "-c", "a | b"),
        ),
    ],
)
def test_a_command_has_an_exec_or_a_shell_form(line: str, cmd: tuple[str, ...]) -> None:
    assert image(f"FROM a\n{line}\n").cmd == cmd


def test_an_entrypoint_drops_the_command_of_its_base_but_not_its_own() -> None:
    base = 'FROM a AS base\nCMD ["old"]\n'
    assert image(base + 'FROM base\nENTRYPOINT ["e"]\n').cmd is None
    assert image(base + 'FROM base\nCMD ["new"]\nENTRYPOINT ["e"]\n').cmd == ("new",)


def test_arguments_come_from_their_default_or_from_compose() -> None:
    text = """
        ARG VERSION=3.12
        FROM python:${VERSION}-slim
        ARG VERSION
        ARG MODE=dev
        ENV SHOWN=$VERSION-${MODE}-${UNSET:-none}-${MODE:+set}
        """
    assert image(text).base == "python:3.12-slim"
    assert image(text).env == {"SHOWN": "3.12-dev-none-set"}
    made = image(text, VERSION="3.13", MODE="prod")
    assert (made.base, made.env) == ("python:3.13-slim", {"SHOWN": "3.13-prod-none-set"})


def test_variables_are_read_in_both_forms_with_quotes_and_continuations() -> None:
    made = image(
        """
        FROM a
        ENV OLD some words here
        ENV X="a b" Y='$X' \\
            Z=c\\ d
        """
    )
    assert made.env == {"OLD": "some words here", "X": "a b", "Y": "$X", "Z": "c d"}


def test_a_health_check_keeps_its_form_and_its_times() -> None:
    made = image(
        "FROM a\nHEALTHCHECK --interval=1m30s --timeout=500ms --retries=4 --start-period=2s "
        "CMD curl -f http://localhost/ || exit 1\n"
    )
    assert made.healthcheck is not None
    assert made.healthcheck.test == ("CMD-SHELL", "curl -f http://localhost/ || exit 1")
    assert (made.healthcheck.interval, made.healthcheck.timeout) == (90.0, 0.5)
    assert (made.healthcheck.retries, made.healthcheck.start_period) == (4, 2.0)
    assert made.healthcheck.where == Where(COMPOSE.file, 6)


def test_a_health_check_of_none_takes_that_of_the_base_away() -> None:
    text = "FROM a AS b\nHEALTHCHECK CMD true\nFROM b\nHEALTHCHECK NONE\n"
    assert image(text).healthcheck is None


def test_what_stands_in_a_here_document_is_no_instruction() -> None:
    made = image(
        """
        FROM a
        RUN <<EOF
        CMD ["not", "this"]
        EOF
        CMD ["this"]
        """
    )
    assert made.cmd == ("this",)


def test_a_copy_knows_its_stage_and_whether_its_target_is_a_folder() -> None:
    made = image(
        """
        FROM node AS build
        FROM a
        WORKDIR /app
        COPY --chown=1:1 src/ ./
        COPY one two dest
        COPY --from=build /app/dist ./dist
        COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/
        COPY ["with space", "./x"]
        """
    )
    copies = [(c.sources, c.target) for c in made.copies]
    assert copies == [
        (("src/",), "/app/"),
        (("one", "two"), "/app/dest/"),
        (("/app/dist",), "/app/dist"),
        (("/uv",), "/bin/"),
        (("with space",), "/app/x"),
    ]
    assert [c.origin.base if c.origin else None for c in made.copies][2] == "node"
    assert made.copies[3].foreign == "ghcr.io/astral-sh/uv:latest"


def test_a_missing_dockerfile_is_named_at_its_place_in_the_compose_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        read(Build(tmp_path, tmp_path / "Dockerfile", COMPOSE))
    assert caught.value.where == COMPOSE


@pytest.mark.parametrize(
    ("text", "what"), [("# nothing\n", "no FROM"), ("ARG X\nFROM $X\n", "names no image")]
)
def test_a_dockerfile_without_a_base_is_an_error(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        image(text)
