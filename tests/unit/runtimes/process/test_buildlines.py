"""Which RUN lines are run in a copy, and as what."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import Where
from seatrial.runtimes.process.buildlines import commands
from seatrial.runtimes.process.dockerfile.model import Run
from seatrial.runtimes.process.dockerignore import ignored
from seatrial.runtimes.process.laying import fingerprint, lay, link_modules, sources
from seatrial.runtimes.process.paths import Entry
from seatrial.runtimes.process.stages import StageBuild

WHERE = Where(Path("Dockerfile"), 1)


def started(text: str, workdir: str = "/app", **env: str) -> list[str]:
    return [" ".join(one.argv) for one in commands(Run(text, WHERE, workdir, env))]


@pytest.mark.parametrize(
    ("text", "argvs"),
    [
        ("npm run build", ["npm run build"]),
        ('["npm", "run", "build"]', ["npm run build"]),
        ("npm ci && npm run build && npm prune --omit=dev", ["npm run build"]),
        ("set -eux; npx tsc -p .; chmod -R a+r dist", ["npx tsc -p ."]),
        ("yarn build", ["yarn build"]),
        ("pnpm run build --silent", ["pnpm run build --silent"]),
        ("uv run python -m app.tables 'a b'", ["python -m app.tables a b"]),
        ("uv sync --frozen && uv run manage.py collectstatic", ["python manage.py collectstatic"]),
        ("mkdir -p out && node a.mjs && cp out/a b", ["mkdir -p out", "node a.mjs", "cp out/a b"]),
        ("node pack.mjs && rm -rf /root/.npm", ["node pack.mjs"]),
        ("node pack.mjs --level=${LEVEL:-1}", ["node pack.mjs --level=9"]),
    ],
)  # fmt: skip
def test_what_packages_of_the_folder_can_run_is_run(text: str, argvs: list[str]) -> None:
    assert started(text, LEVEL="9") == argvs


@pytest.mark.parametrize(
    "text",
    [
        "npm ci",
        "mkdir -p /app/data && touch here",
        "make dist",
        "apt-get install -y make && npm run build",
        "npm run build && cp -r dist/* /usr/share/html",
        "npm run build && cp ../secret here",
        "npm run build | tee log",
        "npm run build > log",
        "npm run build || true",
        "npm run build $(cat flags)",
        "npx playwright install --with-deps",
        "python -m playwright install-deps",
        "python -m nltk.downloader punkt",
        "python -m pip install x",
        "python -c 'import app'",
        "./build.sh",
        "node",
        "npm run 'unbalanced",
    ],
)
def test_all_else_stays_as_it_is(text: str) -> None:
    assert started(text) == []


def test_nothing_is_run_where_a_stage_has_no_working_folder() -> None:
    assert started("npm run build", workdir="/") == []


def test_a_line_keeps_its_folder_and_its_variables() -> None:
    (one,) = commands(Run("cd web && CI=1 npm run build", WHERE, "/app"))
    assert (one.argv, one.folder, one.env) == (("npm", "run", "build"), "web", {"CI": "1"})


@pytest.mark.parametrize(
    ("path", "left_out"),
    [
        ("dist/main.js", True),
        ("web/dist/main.js", False),
        ("web/a.log", True),
        ("a.log", True),
        ("keep.log", False),
        ("docs/x/readme.md", True),
        ("docs/readme.txt", False),
    ],
)
def test_what_dockerignore_leaves_out_is_no_source(
    tmp_path: Path, path: str, left_out: bool
) -> None:
    rules = "# what is made\n/dist\n**/*.log\n!keep.log\ndocs/**/*.md\n\n"
    (tmp_path / ".dockerignore").write_text(rules)
    assert ignored(tmp_path, tmp_path / "Dockerfile")(path) is left_out
    (tmp_path / "Dockerfile.dockerignore").write_text("nothing")
    assert ignored(tmp_path, tmp_path / "Dockerfile")(path) is False


def test_what_a_run_writes_down_is_no_source(tmp_path: Path) -> None:
    """The history changes with each run: builds kept by their sources would never be kept."""
    for name in ("main.py", ".git/HEAD", ".seatrial/history.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    entry = Entry("/app", tmp_path)
    dockerfile = tmp_path / "Dockerfile"
    build = StageBuild(tmp_path / "made", (), tmp_path, tmp_path, dockerfile, (), (entry,))
    assert sources(build, [entry], {}) == {"/app/main.py": tmp_path / "main.py"}


def test_a_fingerprint_knows_content_rights_and_names_but_no_place(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        file = tmp_path / name
        file.write_text("text")
        files.append(fingerprint({"/app/a": file}))
    assert files[0] == files[1]
    assert fingerprint({"/app/b": tmp_path / "one"}) != files[0]
    (tmp_path / "one").chmod(0o755)
    assert fingerprint({"/app/a": tmp_path / "one"}) != files[0]
    (tmp_path / "two").write_text("other")
    assert fingerprint({"/app/a": tmp_path / "two"}) != files[0]


def test_files_are_laid_out_as_they_are_and_links_stay_links(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("run.sh")
    root = tmp_path / "root"
    lay({"/app/bin/run": tmp_path / "run.sh", "/app/link": tmp_path / "link"}, root)
    assert (root / "app/bin/run").stat().st_mode & 0o111
    assert str((root / "app/link").readlink()) == "run.sh"


def test_modules_are_links_in_a_folder_that_tools_may_write_to(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    for name in ("vite", "@types", ".bin", ".cache"):
        (modules / name).mkdir(parents=True)
    (tmp_path / "copy").mkdir()
    link_modules(modules, tmp_path / "copy")
    own = tmp_path / "copy/node_modules"
    assert not own.is_symlink()
    assert sorted(path.name for path in own.iterdir()) == [".bin", "@types", "vite"]
    assert (own / "vite").resolve() == modules / "vite"
