from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import ConfigError, NoTests
from seatrial.model.project import ServiceKind, Stage
from tests.unit.discover.trees import Tree, found, suite

API = ("services/api/pyproject.toml", "services/api/tests/unit/test_a.py")


def test_the_layout_of_the_pattern_is_the_configuration(tree: Tree) -> None:
    root = tree(
        *API,
        "services/api/tests/integration/test_b.py",
        "services/api/deploy/test/docker-compose.yml",
        "tests/integration/test_all.py",
        "deploy/test/docker-compose.yml",
    )
    project = found(root)
    assert [(s.id, s.runner, s.targets, s.cause) for s in project.suites] == [
        ("unit:api", "pytest", ("tests/unit",), "services/api/tests/unit exists"),
        (
            "service:api",
            "pytest",
            ("tests/integration",),
            "services/api/tests/integration exists",
        ),
        ("integration:integration", "pytest", ("tests/integration",), "tests/integration exists"),
    ]
    assert [s.folder for s in project.suites] == [
        root / "services/api",
        root / "services/api",
        root,
    ]
    assert [s.compose for s in project.suites] == [
        (),
        (root / "services/api/deploy/test/docker-compose.yml",),
        (root / "deploy/test/docker-compose.yml",),
    ]
    assert (project.root, project.name) == (root, "repo")


@pytest.mark.parametrize(
    ("marker", "kind"),
    [
        ("pyproject.toml", ServiceKind.PYTHON),
        ("package.json", ServiceKind.NODE),
        ("go.mod", ServiceKind.GO),
        ("Cargo.toml", ServiceKind.RUST),
        ("Dockerfile", ServiceKind.DOCKER),
    ],
)
def test_a_folder_with_a_marker_is_a_service_of_its_kind(
    tree: Tree, marker: str, kind: ServiceKind
) -> None:
    tree.write(f"services/one/{marker}", "{}")
    root = tree(*API, "services/notes/readme.md", "services/loose.txt", "services/.hid/Dockerfile")
    services = {s.name: s.kind for s in found(root).services}
    assert services == {"api": ServiceKind.PYTHON, "one": kind}


def test_service_tests_without_a_compose_file_of_their_own_run_in_integration(tree: Tree) -> None:
    root = tree(
        "services/api/pyproject.toml",
        "services/api/tests/integration/test_b.py",
        "deploy/test/compose.yaml",
    )
    (only,) = found(root).suites
    assert (only.id, only.service, only.folder) == (
        "integration:api",
        "api",
        root / "services/api",
    )
    assert only.compose == (root / "deploy/test/compose.yaml",)
    assert only.cause.endswith("without a compose file of its own")


def test_the_compose_file_is_the_one_that_compose_itself_would_read(tree: Tree) -> None:
    names = ["docker-compose.yml", "compose.yml", "compose.yaml", "docker-compose.override.yml"]
    root = tree("tests/integration/test_a.py", *(f"deploy/test/{name}" for name in names))
    assert [file.name for file in found(root).suites[0].compose] == [
        "compose.yaml",
        "docker-compose.override.yml",
    ]


def test_a_test_folder_without_any_test_file_is_no_suite(tree: Tree) -> None:
    root = tree(
        *API,
        "services/new/pyproject.toml",
        "services/new/tests/unit/__init__.py",
        "services/new/tests/unit/conftest.py",
        "services/new/tests/unit/.hidden/test_a.py",
    )
    (root / "services/new/tests/integration").mkdir()
    assert [s.id for s in found(root).suites] == ["unit:api"]


def test_the_option_is_passed_only_where_the_conftest_defines_it(tree: Tree) -> None:
    option = "def pytest_addoption(parser):\n    parser.addoption('--integration')\n"
    tree.write("services/a/tests/conftest.py", option)
    tree.write("services/b/tests/integration/conftest.py", f"'''{option}'''\n# --integration")
    tree.write("services/c/tests/integration/conftest.py", f"{option} broken(")
    tree.write("services/d/conftest.py", "def pytest_addoption(p): p.addini('--integration', '')")
    tree.write("conftest.py", option)
    root = tree(
        *(f"services/{s}/tests/integration/test_a.py" for s in "abcd"),
        *(f"services/{s}/tests/unit/test_a.py" for s in "abcd"),
        *(f"services/{s}/pyproject.toml" for s in "abcd"),
    )
    assert [s.id for s in found(root).suites if s.integration_option] == ["integration:a"]


def test_a_file_that_the_option_only_runs_in_other_ways_is_not_imported(tree: Tree) -> None:
    tree.write("services/api/conftest.py", "raise SystemExit('imported')  # --integration")
    assert found(tree(*API)).suites


@pytest.mark.parametrize(
    ("scripts", "unit", "runner"),
    [
        ('"test": "vitest run"', "test", "vitest"),
        ('"test": "vitest run && tsc"', "test", "vitest"),
        ('"test": "jest --ci"', "test", "jest"),
        ('"test": "node --test"', "test", "command"),
        ('"test": "npm run check", "check": "vitest run"', "test", "vitest"),
        ('"test": "npm test"', "test", "command"),
        (
            '"test:unit": "jest", "test": "npm run test:unit && npm run test:e2e"',
            "test:unit",
            "jest",
        ),
    ],
)
def test_a_package_is_tested_by_its_own_script(
    tree: Tree, scripts: str, unit: str, runner: str
) -> None:
    tree.write("services/web/package.json", f'{{"scripts": {{{scripts}}}}}')
    (only,) = found(tree()).suites
    assert (only.id, only.runner) == ("unit:web", runner)
    assert only.command == ("npm", "run", unit)
    assert only.cause == f"services/web/package.json: scripts.{unit}"


def test_a_package_has_service_tests_by_script_or_by_folder(tree: Tree) -> None:
    tree.write("services/one/package.json", '{"scripts": {"test:integration": "vitest run it"}}')
    tree.write("services/two/package.json", '{"devDependencies": {"jest": "30"}}')
    root = tree(
        "services/one/deploy/test/compose.yml",
        "services/two/deploy/test/compose.yml",
        "services/two/tests/integration/a.spec.ts",
    )
    project = found(root)
    assert suite(project, "service:one").command == ("npm", "run", "test:integration")
    two = suite(project, "service:two")
    assert (two.runner, two.targets, two.command) == ("jest", ("tests/integration",), None)


@pytest.mark.parametrize(
    ("script", "more"),
    [
        ("vitest run", ("--", "--exclude", "tests/integration/**")),
        ("npx vitest --run --coverage", ("--", "--exclude", "tests/integration/**")),
        ("vitest run tests/unit", ()),
        ("vitest run && tsc", ()),
        ("vitest run --config unit.config.ts", ()),
    ],
)
def test_a_script_that_runs_everything_leaves_the_service_tests_to_their_stage(
    tree: Tree, script: str, more: tuple[str, ...]
) -> None:
    tree.write("services/web/package.json", f'{{"scripts": {{"test": "{script}"}}}}')
    project = found(tree("services/web/tests/integration/a.test.ts"))
    assert suite(project, "unit:web").command == ("npm", "run", "test", *more)
    assert suite(project, "integration:web").targets == ("tests/integration",)


def test_the_placeholder_of_npm_init_is_no_test(tree: Tree) -> None:
    text = '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'
    tree.write("services/web/package.json", text)
    assert [s.id for s in found(tree(*API)).suites] == ["unit:api"]


def test_a_broken_package_json_is_told_with_its_line(tree: Tree) -> None:
    tree.write("services/web/package.json", '{\n"scripts": {,}\n}')
    with pytest.raises(ConfigError, match=r"services/web/package.json:2: broken JSON"):
        found(tree())


def test_go_tests_split_into_unit_and_service(tree: Tree) -> None:
    tree.write("services/gate/tests/integration/a_test.go", "//go:build integration\npackage a")
    root = tree(
        "services/gate/go.mod",
        "services/gate/cmd/main_test.go",
        "services/gate/main_test.go",
        "services/gate/deploy/test/compose.yaml",
        "services/tool/go.mod",
        "services/tool/x_test.go",
    )
    project = found(root)
    assert suite(project, "unit:tool").targets == ("./...",)
    assert suite(project, "unit:gate").targets == (".", "./cmd")
    gate = suite(project, "service:gate")
    assert (gate.runner, gate.targets) == ("go", ("./tests/integration/...",))
    assert dict(gate.env) == {"GOFLAGS": "-tags=integration"}


def test_rust_tests_beside_the_code_run_by_cargo(tree: Tree) -> None:
    tree.write("services/hot/src/lib.rs", "#[tokio::test]\nasync fn a() {}")
    tree.write("services/cold/src/lib.rs", "fn a() {}")
    root = tree("services/hot/Cargo.toml", "services/cold/Cargo.toml")
    (only,) = found(root).suites
    assert (only.id, only.command) == ("unit:hot", ("cargo", "test"))


def test_suites_whose_program_is_missing_are_left_out_by_name(tree: Tree) -> None:
    tree.write("services/web/package.json", '{"scripts": {"test": "vitest"}}')
    root = tree(*API, "services/gate/go.mod", "services/gate/a_test.go")
    project = found(root, programs=("node",))
    assert [s.id for s in project.suites] == ["unit:api"]
    assert {i.suite.id: i.missing for i in project.left_out} == {
        "unit:gate": "go",
        "unit:web": "npm",
    }


def test_python_tests_of_a_package_need_no_node(tree: Tree) -> None:
    tree.write("services/web/package.json", "{}")
    root = tree("services/web/tests/unit/test_a.py")
    assert [(s.id, s.runner) for s in found(root, programs=()).suites] == [("unit:web", "pytest")]


def test_the_whole_may_bring_its_own_packages(tree: Tree) -> None:
    root = tree("tests/integration/pyproject.toml", "tests/integration/test_a.py")
    (only,) = found(root).suites
    assert (only.folder, only.targets) == (root / "tests/integration", (".",))


def test_nothing_at_all_says_what_was_looked_for(tree: Tree) -> None:
    with pytest.raises(NoTests) as caught:
        found(tree())
    assert "services/" in caught.value.what
    assert "pyproject.toml" in caught.value.what
    assert "-C DIR" in caught.value.mend


def test_services_without_tests_say_where_tests_go(tree: Tree) -> None:
    with pytest.raises(NoTests) as caught:
        found(tree("services/api/pyproject.toml"))
    assert "tests/unit" in caught.value.what
    assert "services/<name>/tests/unit/" in caught.value.mend


@pytest.mark.parametrize("name", ["with space", "dotted.name", "größe", "-rf", "a'b", "x" * 200])
def test_odd_names_are_names(tree: Tree, name: str) -> None:
    root = tree(f"services/{name}/pyproject.toml", f"services/{name}/tests/unit/test_a.py")
    project = found(root)
    assert [s.name for s in project.services] == [name]
    assert project.suites[0].folder == root / "services" / name


def test_sixty_services_are_found_in_order(tree: Tree) -> None:
    names = [f"s{n:02}" for n in range(60)]
    for name in reversed(names):
        tree(f"services/{name}/pyproject.toml", f"services/{name}/tests/unit/test_a.py")
    assert [s.name for s in found(tree()).suites] == names


def test_a_link_to_a_service_is_not_a_second_one(tree: Tree) -> None:
    root = tree(*API)
    (root / "services/a-link").symlink_to("api")
    (root / "services/nowhere").symlink_to("missing")
    (root / "services/loop").symlink_to("loop")
    assert [s.name for s in found(root).services] == ["api"]


def test_a_service_may_be_a_link_to_elsewhere(tree: Tree, tmp_path: Path) -> None:
    root = tree(*API)
    (root / "services/api").rename(tmp_path / "elsewhere")
    (root / "services/api").symlink_to(tmp_path / "elsewhere")
    assert [s.id for s in found(root).suites] == ["unit:api"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_an_error_and_not_a_silent_gap(tree: Tree) -> None:
    root = tree(*API)
    folder = root / "services/api/tests/unit"
    folder.chmod(0)
    try:
        with pytest.raises(ConfigError, match="permission denied"):
            found(root)
    finally:
        folder.chmod(0o755)


def test_the_stages_of_a_suite_come_in_order(tree: Tree) -> None:
    root = tree(*API, "services/api/tests/integration/test_b.py", "tests/integration/test_c.py")
    stages = [s.stage for s in found(root).suites]
    assert stages == [Stage.UNIT, Stage.INTEGRATION, Stage.INTEGRATION]
