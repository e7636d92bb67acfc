"""The templates that are shipped: each kind, on each backing service, makes what it promises."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from seatrial.composefile.load import load
from seatrial.scaffold import add, new
from seatrial.scaffold.answers import wish
from seatrial.scaffold.kinds import BACKINGS, KINDS
from seatrial.scaffold.model import Tree
from seatrial.scaffold.record import RECORD
from seatrial.scaffold.rendering import templates

WORDS = [
    f"{name}+{backing}" if backing else name
    for name, kind in KINDS.items()
    for backing in kind.backings or ("",)
]
NAME = "order-lines"


def tree_of(*words: str) -> Tree:
    return new.new_tree("shop", [wish(word) for word in words], templates())[1]


def written(place: Path, *words: str) -> Path:
    new.write(place, tree_of(*words))
    return place


def compose_files(root: Path) -> list[Path]:
    return sorted(root.rglob("docker-compose.yml"))


@pytest.mark.parametrize("word", WORDS)
def test_no_sign_of_a_template_is_left(word: str) -> None:
    for path, file in tree_of(f"{NAME}:{word}").items():
        for sign in ("@{", "@@", "@%", "_service_", "_package_", "dot."):
            assert sign not in path
        for sign in ("@{", "\n@@", "@%", "@#") if path != RECORD else ():
            assert sign not in file.text, f"{path} has {sign}"


@pytest.mark.parametrize("word", WORDS)
def test_a_service_has_all_that_the_pattern_wants(word: str) -> None:
    tree = tree_of(f"{NAME}:{word}")
    folder = f"services/{NAME}/"
    assert f"{folder}Makefile" in tree
    assert {f"{folder}pyproject.toml", f"{folder}package.json"} & set(tree)
    assert {f"{folder}uv.lock", f"{folder}package-lock.json"} & set(tree)
    assert any(path.startswith(f"{folder}tests/unit/") for path in tree)
    if f"{folder}Dockerfile" not in tree:
        assert not any(path.startswith("deploy/") for path in tree)
        return
    assert f"{folder}deploy/test/docker-compose.yml" in tree
    assert any(path.startswith(f"{folder}tests/integration/") for path in tree)


@pytest.mark.parametrize("word", WORDS)
def test_compose_files_can_be_read_and_have_the_service(tmp_path: Path, word: str) -> None:
    root = written(tmp_path, f"{NAME}:{word}")
    backing = BACKINGS.get(word.partition("+")[2])
    for file in compose_files(root):
        # Production's services stand on secrets that nobody has yet; the paths need not exist.
        project = load([file], {})
        assert NAME in project.services
        if backing is not None:
            name = backing.name if backing.shared else f"{NAME}-{backing.role}"
            assert project.services[name].image == backing.image
    if (root / "deploy").exists():
        assert len(compose_files(root)) == 4


@pytest.mark.parametrize("word", WORDS)
def test_manifests_can_be_read(word: str) -> None:
    for path, file in tree_of(f"{NAME}:{word}").items():
        if path.endswith((".toml", "uv.lock")):
            tomllib.loads(file.text)
        elif path.endswith(".json") and "tsconfig" not in path:
            json.loads(file.text)
        elif path.endswith(".py"):
            compile(file.text, path, "exec")


@pytest.mark.parametrize("word", WORDS)
def test_adding_makes_what_new_would_have_made(tmp_path: Path, word: str) -> None:
    both = written(tmp_path / "both", "api:fastapi", f"{NAME}:{word}")
    one = written(tmp_path / "one", "api:fastapi")
    add.plan(one, wish(f"{NAME}:{word}"), templates()).write()
    assert files(one) == files(both)


def files(root: Path) -> dict[str, tuple[str, bool]]:
    return {
        str(path.relative_to(root)): (path.read_text(), os.access(path, os.X_OK))
        for path in root.rglob("*")
        if path.is_file()
    }


def test_all_kinds_go_together_in_any_order(tmp_path: Path) -> None:
    words = [f"s{number}:{word}" for number, word in enumerate(reversed(WORDS))]
    root = written(tmp_path, *words)
    for stage in ("dev", "test", "prod"):
        project = load([root / f"deploy/{stage}/docker-compose.yml"], {})
        ports = [
            (port.host_ip, port.published)
            for service in project.services.values()
            for port in service.ports
            if port.published
        ]
        assert len(ports) == len(set(ports)), f"two services of {stage} publish one port"


def test_every_folder_of_templates_is_a_kind_or_a_backing_service() -> None:
    kinds = {path.name for path in (templates() / "kinds").iterdir()}
    backings = {path.name for path in (templates() / "backings").iterdir()}
    assert kinds == set(KINDS)
    assert backings <= set(BACKINGS)
    assert {name for name, one in BACKINGS.items() if one.shared} <= backings
