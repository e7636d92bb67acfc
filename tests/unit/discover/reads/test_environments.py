"""What suites read through their compose files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.discover.reads.test_suites import Tree

WHOLE = ["integration:integration"]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path.resolve())
    made.python("api")
    return made


def built(tree: Tree, dockerfile: str, ignored: str = "") -> None:
    tree.compose("api", "build: {context: ../.., dockerfile: services/api/Dockerfile}")
    tree.write("services/api/Dockerfile", f"FROM python:3.13\n{dockerfile}\n")
    tree.write(".dockerignore", ignored)


def test_what_a_dockerfile_copies_touches_the_whole(tree: Tree) -> None:
    built(tree, "COPY services/api/api ./api\nCOPY libs/*/x.txt data? \\\n  # why\n  assets /to/")
    whole_and_api = [*WHOLE, "unit:api"]
    assert tree.runs("services/api/api/app.py") == whole_and_api
    assert tree.runs("services/api/Dockerfile") == whole_and_api
    assert tree.runs("services/api/tests/unit/test_it.py") == ["unit:api"]
    for name in ("libs/one/x.txt", "data1/rows.csv", "assets/a/b.png", ".dockerignore"):
        assert tree.runs(name) == WHOLE
    assert tree.runs("libs/one/y.txt", "docs/a.md") == []


@pytest.mark.parametrize(
    "line",
    [
        "COPY . .",
        "ADD ./ /app/",
        "ARG DIR\nCOPY $DIR /app/",
        'COPY --chown=app ["./", "/app/"]',
        "RUN --mount=type=bind,target=/src make",
        "# escape=`\nCOPY `\n  docs /app/",
        "ONBUILD COPY . /app",
        'COPY "unfinished /app',
    ],
)
def test_a_whole_context_counts_where_it_is_copied_or_nobody_can_tell(
    tree: Tree, line: str
) -> None:
    built(tree, line, "*.md\n")
    assert tree.runs("docs/a.txt") == WHOLE
    assert tree.runs("a.md") == []


def test_exec_forms_mounts_and_options_name_sources_too(tree: Tree) -> None:
    built(
        tree,
        'COPY --chown=1:1 --link ["a b", "/to/"]\n'
        "RUN --mount=type=bind,source=seeds,target=/seeds ls\n"
        "COPY --from=base /docs /docs\n"
        "RUN --mount=type=bind,from=base,source=/x,target=/y ls\n"
        "COPY <<EOF /etc/conf\ntext\nEOF",
    )
    assert tree.runs("a b/file") == WHOLE
    assert tree.runs("seeds/rows.sql") == WHOLE
    assert tree.runs("docs/a.md") == []


def test_a_dockerfile_that_is_missing_makes_the_whole_context_count(tree: Tree) -> None:
    built(tree, "COPY a /a")
    (tree.root / "services/api/Dockerfile").unlink()
    assert tree.runs("docs/a.md") == WHOLE


def test_a_dockerfile_outside_of_its_context_counts(tree: Tree) -> None:
    tree.compose("db", "build: {context: ../../images/db, dockerfile: ../shared/Dockerfile}")
    tree.write("images/shared/Dockerfile", "FROM postgres:16\nCOPY init.sql /x/\n")
    assert tree.runs("images/shared/Dockerfile") == WHOLE
    assert tree.runs("images/db/init.sql") == WHOLE
    assert tree.runs("images/db/other.sql") == []


def test_a_submodule_that_holds_what_is_copied_counts(tree: Tree) -> None:
    built(tree, "COPY vendor/lib/src /src")
    assert tree.runs("vendor/lib") == WHOLE


@pytest.mark.parametrize(
    "more",
    [
        "image: x\n    volumes: ['../../seeds:/docker-entrypoint-initdb.d:ro']",
        "image: x\n    volumes: [{type: bind, source: ../../seeds, target: /x}]",
        "image: x\n    env_file: [{path: ../../seeds/rows.env, required: false}]",
        "image: x\n    configs: [c]\nconfigs: {c: {file: ../../seeds/c.conf}}",
        "image: x\n    secrets: [c]\nsecrets: {c: {file: ../../seeds/c.txt}}",
        "build: {context: ctx, additional_contexts: {seeds: ../../seeds}}",
        "extends: {file: ../../seeds/base.yml, service: db}",
        "image: x\ninclude: [../../seeds/base.yml]",
    ],
)
def test_every_file_that_a_compose_file_names_touches_the_whole(tree: Tree, more: str) -> None:
    tree.write("seeds/base.yml", "services: {db: {image: y}}\n")
    tree.compose("main", more)
    names = [name for name in ("rows.env", "c.conf", "c.txt", "base.yml") if name in more]
    assert tree.runs(f"seeds/{names[0] if names else 'x.sql'}") == WHOLE
    assert tree.runs("docs/a.md") == []


def test_an_env_file_beside_the_compose_file_counts(tree: Tree) -> None:
    tree.compose("db", "image: x", "services/api/deploy/test")
    tree.compose("db", "image: x")
    assert tree.runs("deploy/test/.env") == WHOLE
    assert tree.runs("services/api/deploy/test/.env") == ["service:api", "unit:api"]


def test_a_compose_file_that_cannot_be_read_lets_the_suite_run_for_everything(tree: Tree) -> None:
    tree.compose("db", "image: ${NOT_SET_ANYWHERE:?say which}")
    assert tree.runs("docs/a.md") == WHOLE


def test_a_service_that_another_ones_environment_builds_touches_that_suite(tree: Tree) -> None:
    tree.python("web")
    tree.compose("api", "build: ../../../api", "services/web/deploy/test")
    tree.write("services/api/Dockerfile", "FROM x\nCOPY api /api\n")
    assert tree.runs("services/api/api/app.py") == ["service:web", "unit:api"]


def test_an_image_that_was_built_before_stands_for_the_service_of_its_name(tree: Tree) -> None:
    tree.compose("backend", "image: registry.example.org/team/api:test")
    assert tree.runs("services/api/app.py") == [*WHOLE, "unit:api"]


def test_packages_beside_a_built_service_count_where_it_runs_as_a_process(tree: Tree) -> None:
    tree.python("libs/common")
    tree.python("api", '[tool.uv.sources]\ncommon = { path = "../../libs/common" }')
    built(tree, "COPY services/api/api ./api")
    assert tree.runs("libs/common/it.py") == [*WHOLE, "unit:api"]


def test_service_tests_without_a_compose_file_of_their_own_read_the_roots(tree: Tree) -> None:
    tree.compose("db", "image: x")
    tree.write("services/api/tests/integration/test_it.py", "def test_it():\n    pass\n")
    assert tree.runs("deploy/test/docker-compose.yml") == ["integration:api", *WHOLE]
