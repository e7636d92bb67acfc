"""Container paths are mapped where COPY lines and mounts make that certain."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from seatrial.composefile.model import Build
from seatrial.errors import Where
from seatrial.runtimes.process.assemble import assemble
from seatrial.runtimes.process.command import localised
from seatrial.runtimes.process.dockerfile.reader import read
from seatrial.runtimes.process.paths import Entry, PathMap, entries


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for path in (
        "services/x/app/main.py",
        "services/x/pyproject.toml",
        "services/x/docker-entrypoint.sh",
        "shared/lib/util.py",
        "config/app.yml",
    ):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\nset -o pipefail\n" if path.endswith(".sh") else "")
    return tmp_path


def mapped(context: Path, text: str) -> tuple[PathMap, str]:
    inline = "FROM python:3.13\n" + dedent(text)
    image = read(Build(context, context / "Dockerfile", Where(context), inline=inline))
    return PathMap(entries(image, context)), image.workdir


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("WORKDIR /app\nCOPY services/x/ ./\n", "services/x"),
        ("WORKDIR /app\nCOPY services/x .\n", "services/x"),
        ("COPY services/x /srv\nWORKDIR /srv/app\n", "services/x/app"),
        (
            "WORKDIR /app\nCOPY services/x/pyproject.toml ./\nCOPY services/x/app ./app\n",
            "services/x",
        ),
        ("WORKDIR /app\nCOPY services/x/pyproject.toml .\nCOPY services/x .\n", "services/x"),
        ("WORKDIR /app\nCOPY services/x/app app\nCOPY services/x/*.toml ./\n", "services/x"),
    ],
)
def test_the_working_folder_is_where_its_files_come_from(
    context: Path, text: str, folder: str
) -> None:
    paths, workdir = mapped(context, text)
    assert paths.layout(workdir).folder == context / folder


def test_a_working_folder_of_several_sources_is_put_together_by_links(
    context: Path, tmp_path: Path
) -> None:
    paths, workdir = mapped(
        context, "WORKDIR /app\nCOPY services/x .\nCOPY shared/lib app/lib\nCOPY config .\n"
    )
    layout = paths.layout(workdir)
    assert layout.folder is None
    root = assemble(layout, tmp_path / "root")
    for path in ("pyproject.toml", "app/main.py", "app/lib/util.py", "app.yml"):
        assert (root / path).is_file()
    assert not (context / "services/x/app/lib").exists()


def test_nothing_copied_is_no_folder(context: Path) -> None:
    paths, workdir = mapped(context, "WORKDIR /app\n")
    assert paths.layout(workdir).nearest is None


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/app/app/main.py", "services/x/app/main.py"),
        ("/app", "services/x"),
        ("/etc/app.yml", "config/app.yml"),
        ("/app/missing.py", None),
        ("/application/app", None),
    ],
)
def test_a_path_is_mapped_where_it_is_certain(context: Path, path: str, host: str | None) -> None:
    paths, _ = mapped(context, "WORKDIR /app\nCOPY services/x .\nCOPY config/app.yml /etc/\n")
    assert paths.host(path) == (context / host if host else None)


def test_a_copy_from_a_stage_is_followed_to_its_source(context: Path) -> None:
    text = "WORKDIR /src\nCOPY services/x .\nFROM python:3.13\nWORKDIR /app\n"
    inline = "FROM python:3.13 AS build\n" + text + "COPY --from=build /src/app ./app\n"
    image = read(Build(context, context / "Dockerfile", Where(context), inline=inline))
    assert PathMap(entries(image, context)).host("/app/app/main.py") == (
        context / "services/x/app/main.py"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/data/in", "HOST/in"),
        ("--config=/data/c.yml", "--config=HOST/c.yml"),
        ("sqlite:////data/app.db", "sqlite:///HOST/app.db"),
        ("cat '/data/x' > /tmp/y", "cat 'HOST/x' > /tmp/y"),
        ("http://host/data/x", "http://host/data/x"),
        ("./data/x", "./data/x"),
        ("$HOME/data/x", "$HOME/data/x"),
    ],
)
def test_paths_inside_a_text_are_replaced_and_others_kept(before: str, after: str) -> None:
    paths = PathMap([Entry("/data", Path("/host"), fresh=True)])
    assert paths.translated(before) == after.replace("HOST", "/host")
    assert PathMap.names("/data", [before]) == (before != after)


def test_a_list_of_paths_is_replaced_one_by_one() -> None:
    paths = PathMap([Entry("/app", Path("/host"), fresh=True)])
    assert paths.translated("/app:/app/src:/usr/lib", listed=True) == "/host:/host/src:/usr/lib"


@pytest.mark.parametrize(
    ("words", "argv"),
    [
        (("/app/.venv/bin/uvicorn", "a:b"), ("uvicorn", "a:b")),
        (("tini", "-g", "--", "python", "x.py"), ("python", "x.py")),
        (("gosu", "app", "python", "x.py"), ("python", "x.py")),
        (("uv", "run", "--no-dev", "--package", "x", "uvicorn", "-h"), ("uvicorn", "-h")),
        (("uv", "run", "main.py", "x"), ("python", "main.py", "x")),
        (("poetry", "run", "-m", "app"), ("python", "-m", "app")),
        (
            ("sh", "-c", "uv run --no-sync alembic up && exec uv run uvicorn a:b"),
            ("sh", "-c", "alembic up && exec uvicorn a:b"),
        ),
        (("docker-entrypoint.sh", "serve"), ("bash", "SCRIPT", "serve")),
        (("/app/docker-entrypoint.sh",), ("bash", "SCRIPT")),
        (("./docker-entrypoint.sh",), ("bash", "SCRIPT")),
        (("/bin/sh", "-c", "/app/docker-entrypoint.sh now"), ("sh", "-c", "bash SCRIPT now")),
        (("python", "/app/app/main.py"), ("python", "X/app/main.py")),
    ],
)
def test_a_command_is_found_on_this_machine(
    context: Path, words: tuple[str, ...], argv: tuple[str, ...]
) -> None:
    paths, workdir = mapped(
        context,
        "WORKDIR /app\nCOPY services/x .\nCOPY services/x/docker-entrypoint.sh /usr/local/bin/\n",
    )
    home = str(context / "services/x")
    expected = [
        w.replace("SCRIPT", f"{home}/docker-entrypoint.sh").replace("X/", f"{home}/") for w in argv
    ]
    assert localised(words, workdir, paths, []) == tuple(expected)
