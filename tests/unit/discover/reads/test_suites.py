"""What suites read, told by which of their files would let them run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from seatrial.discover import discover, load_config
from seatrial.discover.reads import Reader
from seatrial.host.diff import ChangedFile, How
from seatrial.planning.changed import Touch, touched

PYPROJECT = '[project]\nname = "{name}"\nversion = "1"\n{more}\n'
COMPOSE = "services:\n  {name}:\n    {more}\n"


@dataclass(frozen=True)
class Tree:
    """A repository on the disk, in which files change."""

    root: Path

    def write(self, name: str, text: str = "") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def python(self, name: str, more: str = "", *, lock: bool = True) -> None:
        """Make a service with unit tests, or a package anywhere else."""
        folder = name if "/" in name else f"services/{name}"
        self.write(f"{folder}/pyproject.toml", PYPROJECT.format(name=Path(folder).name, more=more))
        self.write(f"{folder}/tests/unit/test_it.py", "def test_it():\n    pass\n")
        if lock:
            self.write(f"{folder}/uv.lock")

    def compose(self, name: str, more: str, place: str = "deploy/test") -> None:
        self.write(f"{place}/docker-compose.yml", COMPOSE.format(name=name, more=more))
        tests = place.replace("deploy/test", "tests/integration")
        self.write(f"{tests}/test_whole.py", "def test_it():\n    pass\n")

    def touches(self, *names: str) -> dict[str, Touch]:
        project = discover(self.root, load_config(self.root), has_program=lambda _: True)
        paths = [Path(os.path.normpath(self.root / name)) for name in names]
        gone = (path for path in paths if not path.exists())
        reader = Reader(project, load_config(self.root), {}, gone)
        reads = {suite.id: reader.of(suite) for suite in project.suites}
        files = [ChangedFile(path, How.CHANGED) for path in paths]
        return touched(reads, files)

    def runs(self, *names: str) -> list[str]:
        return sorted(self.touches(*names))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path.resolve())
    made.python("api")
    made.python("web")
    return made


def test_a_file_of_a_service_touches_that_service_alone(tree: Tree) -> None:
    assert tree.runs("services/api/api/app.py") == ["unit:api"]
    assert tree.runs("services/api2/app.py") == []


def test_documents_pipelines_and_unknown_files_of_the_root_touch_nothing(tree: Tree) -> None:
    names = ("README.md", "docs/a.md", "Makefile", ".github/workflows/ci.yml", "LICENSE")
    assert tree.runs(*names) == []


def test_seatrial_toml_touches_everything(tree: Tree) -> None:
    assert tree.runs("seatrial.toml") == ["unit:api", "unit:web"]


def test_a_shared_folder_of_seatrial_toml_touches_everything(tree: Tree) -> None:
    tree.write("seatrial.toml", '[paths]\nshared = ["contracts"]\n')
    assert tree.runs("contracts/order.json") == ["unit:api", "unit:web"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.uv.sources]\ncommon = { path = "../../libs/common" }'),
        ("requirements.txt", "-e ../../libs/common"),
        ("package.json", '{"dependencies": {"common": "file:../../libs/common"}}'),
        ("go.mod", "module api\nreplace example.org/common => ../../libs/common"),
        ("Cargo.toml", '[dependencies]\ncommon = { path = "../../libs/common" }'),
        ("conftest.py", 'sys.path.insert(0, "../../libs/common/src")'),
        ("src/app.ts", 'import { x } from "../../../libs/common/src/deep/thing"'),
    ],
)
def test_a_package_beside_touches_who_names_its_path(tree: Tree, name: str, text: str) -> None:
    tree.python("libs/common")
    tree.write(f"services/api/{name}", text)
    tree.write("services/api/tests/unit/test_it.py", "def test_it():\n    pass\n")
    assert tree.runs("libs/common/src/deep/thing.ts") == ["unit:api"]


def test_packages_are_followed_through_packages(tree: Tree) -> None:
    tree.python("libs/far")
    tree.python("libs/near", '[tool.uv.sources]\nfar = { path = "../far" }')
    tree.python("api", '[tool.uv.sources]\nnear = { path = "../../libs/near" }')
    assert tree.runs("libs/far/far.py") == ["unit:api"]
    assert tree.touches("libs/far/far.py")["unit:api"].dependency.why == (
        "libs/near needs the package"
    )


def test_a_member_of_a_workspace_is_found_by_its_name(tree: Tree) -> None:
    tree.write("pyproject.toml", '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\n')
    tree.python("libs/my_common")
    tree.python("api", 'dependencies = ["My.Common>=1"]')
    assert tree.runs("libs/my_common/it.py") == ["unit:api"]
    assert tree.runs("uv.lock") == ["unit:api", "unit:web"]


def test_a_package_of_an_npm_workspace_is_found_by_its_name(tree: Tree) -> None:
    tree.write("package.json", '{"workspaces": ["packages/*", "services/*"]}')
    tree.write("packages/ui/package.json", '{"name": "@shop/ui"}')
    tree.write(
        "services/page/package.json",
        '{"scripts": {"test": "vitest run"}, "dependencies": {"@shop/ui": "*"}}',
    )
    assert tree.runs("packages/ui/button.ts") == ["unit:page"]
    assert tree.runs("package-lock.json") == ["unit:page"]


def test_a_manifest_that_cannot_be_read_lets_the_suite_run_for_everything(tree: Tree) -> None:
    tree.write("services/api/pyproject.toml", "[broken")
    assert tree.runs("docs/a.md") == ["unit:api"]


def test_a_lock_of_the_root_touches_services_without_one_of_their_own(tree: Tree) -> None:
    tree.python("old", lock=False)
    assert tree.runs("uv.lock") == ["unit:old"]
    assert tree.runs("requirements-dev.txt") == ["unit:old"]


def test_tools_look_up_to_the_top_of_the_git_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    tree = Tree(tmp_path.resolve() / "backend")
    tree.python("old", lock=False)
    tree.python("new", "[tool.pytest.ini_options]")
    tree.write(
        "services/page/package.json",
        '{"scripts": {"test": "jest"}, "devDependencies": {"jest": "1", "ui": "*"}}',
    )
    tree.write("../packages/ui/package.json", '{"name": "ui"}')
    tree.compose("db", "image: postgres:16")
    whole = "integration:integration"
    assert tree.runs("../uv.lock") == [whole, "unit:old"]
    assert tree.runs("../pnpm-lock.yaml") == [whole, "unit:page"]
    assert tree.runs("../packages/ui/a.js") == ["unit:page"]
    assert tree.runs("../docs/a.md") == []


def test_settings_of_pytest_in_the_root_touch_services_without_their_own(tree: Tree) -> None:
    tree.python("web", "[tool.pytest.ini_options]")
    assert tree.runs("pytest.ini") == ["unit:api"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pytest.ini", "[pytest]\npythonpath = libs\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["libs"]\n'),
        ("conftest.py", 'sys.path.insert(0, str(Path(__file__).parent / "libs"))\n'),
    ],
)
def test_a_folder_that_pytest_puts_on_the_path_from_above_touches_who_imports_from_it(
    tree: Tree, file: str, text: str
) -> None:
    tree.write(file, text)
    tree.write("services/api/api.py", "from money.rates import ALL\n")
    tree.write("libs/money/rates.py", "ALL = 1\n")
    assert "unit:api" in tree.runs("libs/money/rates.py")
    (tree.root / "libs/money/rates.py").unlink()
    (tree.root / "libs/money").rmdir()
    assert "unit:api" in tree.runs("libs/money/rates.py")
    assert "unit:api" not in tree.runs("docs/a.md")
    assert "unit:api" not in tree.runs("services/web/web.py")
    tree.python("api", "[tool.pytest.ini_options]")
    assert "unit:api" not in tree.runs("libs/money/rates.py")


def test_what_a_conftest_above_a_service_imports_and_reads_touches_it(tree: Tree) -> None:
    tree.write("conftest.py", 'from shared_testing import app\nDATA = open("data/rows.json")\n')
    tree.write("services/conftest.py", "import near\n")
    tree.python("web", "[tool.pytest.ini_options]")
    for name in ("shared_testing/app.py", "data/rows.json", "services/near.py"):
        assert tree.runs(name) == ["unit:api"]


@pytest.mark.parametrize(
    "named", ['"shared.plugin"', '["os", "shared.plugin"]', '(\n"shared.plugin",)']
)
def test_a_plugin_that_a_conftest_names_for_pytest_touches_its_suites(
    tree: Tree, named: str
) -> None:
    tree.write("shared/plugin.py")
    tree.python("web", "[tool.pytest.ini_options]")
    tree.write("conftest.py", f"pytest_plugins = {named}\n")
    assert tree.runs("shared/plugin.py") == ["unit:api"]
    (tree.root / "conftest.py").unlink()
    tree.compose("db", "image: postgres:16")
    tree.write("tests/integration/conftest.py", f"pytest_plugins = {named}\n")
    assert tree.runs("shared/plugin.py") == ["integration:integration"]


def test_a_link_to_a_shared_folder_is_followed(tree: Tree) -> None:
    tree.write("shared/a/deep.py")
    (tree.root / "services/api/shared").symlink_to("../../shared")
    assert tree.runs("shared/a/deep.py") == ["unit:api"]


def test_a_service_that_is_a_link_itself_is_followed(tree: Tree) -> None:
    tree.python("elsewhere/far")
    (tree.root / "services/far").symlink_to("../elsewhere/far")
    assert tree.runs("elsewhere/far/far.py") == ["unit:far"]
    assert tree.runs("services/far") == ["unit:far"]


def test_a_folder_of_the_root_that_code_reads_from_where_it_lies_is_found(tree: Tree) -> None:
    tree.write("contracts/order.json")
    tree.write(
        "services/api/tests/unit/test_it.py",
        'ORDER = Path(__file__).parents[4] / "contracts" / "order.json"\n',
    )
    assert tree.runs("contracts/order.json") == ["unit:api"]


def test_a_folder_of_the_root_that_is_gone_touches_who_names_it_by_a_word(tree: Tree) -> None:
    tree.write("services/api/api.py", 'LIBS = Path(__file__).parents[2] / "libs"\n')
    assert tree.runs("libs/money.py") == ["unit:api"]
    assert tree.runs("docs/a.md", "other/money.py") == []
    tree.compose("db", "image: postgres:16")
    tree.write("tests/integration/test_whole.py", 'open("seed.sql")\n')
    assert tree.runs("seed.sql") == ["integration:integration"]


def test_a_path_of_a_command_is_found(tree: Tree) -> None:
    tree.write("scripts/check.sh")
    tree.write("seatrial.toml", '[services.api.unit]\ncommand = "sh ../../scripts/check.sh"\n')
    assert tree.runs("scripts/check.sh") == ["unit:api"]


def test_tests_of_the_whole_read_their_folder_and_the_manifests_of_the_root(tree: Tree) -> None:
    tree.compose("db", "image: postgres:16")
    for name in ("tests/helpers.py", "tests/integration/test_whole.py", "uv.lock", "helper.py"):
        assert tree.runs(name) == ["integration:integration"]
    for name in ("pyproject.toml", "conftest.py", "deploy/test/docker-compose.yml"):
        assert "integration:integration" in tree.runs(name)
    assert tree.runs("docs/a.md", "deploy/dev/docker-compose.yml") == []


def test_tests_of_the_whole_read_what_they_import_from_the_root(tree: Tree) -> None:
    tree.compose("db", "image: postgres:16")
    tree.write("tools/seed/rows.py")
    for line in (
        "from tools.seed import rows",
        "import os, tools.seed as seed",
        "import tools.seed",
    ):
        tree.write("tests/integration/test_whole.py", f"{line}\n")
        assert tree.runs("tools/seed/rows.py") == ["integration:integration"]
        assert tree.runs("tools/other.py") == []


def test_tests_of_the_whole_read_the_files_that_they_name_from_the_root(tree: Tree) -> None:
    tree.compose("db", "image: postgres:16")
    for name in ("contracts/order.json", "seed.sql", "docs/b.md"):
        tree.write(name)
    tree.write(
        "tests/integration/test_whole.py",
        'ORDER = open("contracts/order.json")\nSEED = open("seed.sql")\nWORD = "docs"\n',
    )
    for name in ("contracts/order.json", "seed.sql"):
        assert tree.runs(name) == ["integration:integration"]
    assert tree.runs("docs/a.md") == []


def test_a_command_for_the_whole_may_read_anything(tree: Tree) -> None:
    tree.compose("db", "image: postgres:16")
    tree.write("seatrial.toml", '[integration]\ncommand = "./check.sh"\n')
    assert tree.runs("docs/a.md") == ["integration:integration"]


def test_a_path_of_a_variable_is_found(tree: Tree) -> None:
    tree.write(
        "seatrial.toml", '[services.api.unit]\nenv = { PYTHONPATH = "src:../../libs/here" }\n'
    )
    assert tree.runs("libs/here/it.py") == ["unit:api"]


def test_a_file_that_is_gone_touches_who_names_it(tree: Tree) -> None:
    tree.write("services/api/src/app.ts", 'import "../../../shared/gone"')
    tree.write("services/web/x.py", 'Path(__file__).parents[2] / "contracts/gone.json"')
    assert tree.runs("shared/gone.ts") == ["unit:api"]
    assert tree.runs("contracts/gone.json") == ["unit:web"]


def test_aliases_of_a_shared_tsconfig_are_followed(tree: Tree) -> None:
    tree.write("tsconfig.base.json", '{"paths": {"@ui/*": ["./packages/ui/src/*"]}}')
    tree.write("services/api/tsconfig.json", '{"extends": "../../tsconfig.base.json"}')
    assert tree.runs("packages/ui/src/button.ts") == ["unit:api"]
    assert tree.runs("packages/other/x.ts") == []


def test_go_modules_of_a_workspace_are_found_by_their_names(tree: Tree) -> None:
    tree.write("libs/far/go.mod", "module far\n")
    tree.write("services/gate/go.mod", "module gate\n\nrequire (\n\tfar v0.0.0\n)\n")
    tree.write("services/gate/gate_test.go", "package gate\n")
    assert tree.runs("libs/far/far.go") == ["unit:gate"]
    assert tree.runs("go.work") == ["unit:gate"]
