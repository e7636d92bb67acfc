"""Which tests need a server, told from the code alone."""

from __future__ import annotations

from textwrap import dedent

import pytest

from seatrial.model.project import ServiceKind, Stage
from seatrial.scaffold.adopt.suites import Suites, suites_of
from tests.unit.scaffold.adopt.conftest import Lay

PYTEST = {"requirements.txt": "pytest\n"}
ENGINE = "from sqlalchemy import create_engine\nengine = create_engine(URL)\n"
REDIS = "def test_it():\n    Redis()\n"
PLAIN = "def test_plain():\n    assert True\n"


def paths(suites: Suites, stage: Stage) -> tuple[str, ...]:
    return next((suite.paths for suite in suites.found if suite.stage is stage), ())


def cause(suites: Suites, stage: Stage) -> str:
    return next((suite.cause for suite in suites.found if suite.stage is stage), "")


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (
            "from app.db import engine\n\ndef test_it():\n    engine.connect()\n",
            "engine comes from app/db.py:2",
        ),
        ("def test_it(session):\n    pass\n", "fixture session: engine comes from app/db.py:2"),
        ("def test_it(orders):\n    pass\n", "fixture orders: engine comes"),
        ("import os\n\ndef test_it():\n    os.environ['TEST_DATABASE_URL']\n", "reads TEST_DATA"),
        ("import psycopg\n\ndef test_it():\n    psycopg.connect('')\n", "calls psycopg.connect"),
        ("def helper():\n    MongoClient()\n\ndef test_it():\n    helper()\n", "calls MongoClient"),
        ("import pytest\n\n@pytest.mark.django_db\ndef test_it():\n    pass\n", "marked django_db"),
        (
            "import pytest\npytestmark = pytest.mark.django_db\n\ndef test_it():\n    pass\n",
            "marked django_db",
        ),
        (
            "from django.test import TestCase\n\nclass TestIt(TestCase):\n    pass\n",
            "Django's tests",
        ),
        (
            "import pytest\n\n@pytest.mark.usefixtures('session')\ndef test_it():\n    pass\n",
            "fixture session",
        ),
    ],
)
def test_python_tests_that_reach_a_connection_are_service_tests(
    lay: Lay, test: str, reason: str
) -> None:
    root = lay(
        {
            **PYTEST,
            "app/__init__.py": "",
            "app/db.py": ENGINE,
            "app/models.py": "class Order:\n    pass\n",
            "tests/conftest.py": """\
                import pytest

                @pytest.fixture
                def session():
                    from app.db import engine
                    yield engine

                @pytest.fixture
                def orders(session):
                    return []
                """,
            "tests/test_it.py": test,
        }
    )
    found = suites_of(root, ServiceKind.PYTHON, (), servers=True)
    assert paths(found, Stage.SERVICE) == ("tests",)
    assert reason in cause(found, Stage.SERVICE)
    assert paths(found, Stage.UNIT) == ()


@pytest.mark.parametrize(
    "test",
    [
        PLAIN,
        "from app.models import Order\n\ndef test_it():\n    Order()\n",
        "from django.test import SimpleTestCase\n\nclass TestIt(SimpleTestCase):\n    pass\n",
        "engine = create_engine('sqlite://')\n\ndef test_it():\n    engine.connect()\n",
        "def test_it(:\n",
    ],
)
def test_python_tests_that_reach_none_are_unit_tests(lay: Lay, test: str) -> None:
    root = lay(
        {
            **PYTEST,
            "app/models.py": "class Order:\n    pass\n",
            "app/db.py": ENGINE,
            "tests/test_it.py": test,
        }
    )
    found = suites_of(root, ServiceKind.PYTHON, (), servers=True)
    assert (paths(found, Stage.UNIT), paths(found, Stage.SERVICE)) == (("tests",), ())


def test_an_autouse_fixture_counts_for_all_tests_below_it(lay: Lay) -> None:
    conftest = """\
        import pytest

        @pytest.fixture(autouse=True)
        def rows():
            Redis()
        """
    root = lay({**PYTEST, "tests/conftest.py": conftest, "tests/api/test_it.py": PLAIN})
    found = suites_of(root, ServiceKind.PYTHON, (), servers=True)
    assert "fixture rows of tests/conftest.py: calls Redis" in cause(found, Stage.SERVICE)


def test_without_servers_in_compose_only_folders_tell(lay: Lay) -> None:
    root = lay({**PYTEST, "tests/test_it.py": REDIS, "tests/e2e/test_all.py": PLAIN})
    found = suites_of(root, ServiceKind.PYTHON, (), servers=False)
    assert paths(found, Stage.UNIT) == ("tests/test_it.py",)
    assert cause(found, Stage.SERVICE) == "tests/e2e/test_all.py: its folder is called e2e"


def test_the_layouts_own_folders_need_no_words(lay: Lay) -> None:
    root = lay({**PYTEST, "tests/unit/test_a.py": PLAIN, "tests/integration/test_b.py": PLAIN})
    found = suites_of(root, ServiceKind.PYTHON, (), servers=True)
    assert [(s.stage, s.paths, s.usual) for s in found.found] == [
        (Stage.UNIT, ("tests/unit",), True),
        (Stage.SERVICE, ("tests/integration",), True),
    ]


def test_a_mixed_folder_is_a_service_suite_without_its_plain_parts(lay: Lay) -> None:
    root = lay(
        {
            **PYTEST,
            "test/prices/test_a.py": PLAIN,
            "test/orders/test_b.py": "def test_b():\n    Redis()\n",
        }
    )
    found = suites_of(root, ServiceKind.PYTHON, (), servers=True)
    assert paths(found, Stage.UNIT) == ("test/prices",)
    (service,) = [suite for suite in found.found if suite.stage is Stage.SERVICE]
    assert (service.paths, service.apart) == (("test",), ("test/prices",))


def test_a_file_without_a_test_is_none(lay: Lay) -> None:
    root = lay({**PYTEST, "polls/tests.py": "from django.test import TestCase\n"})
    assert suites_of(root, ServiceKind.PYTHON, (), servers=True) == Suites()


def test_a_nested_service_keeps_its_tests(lay: Lay) -> None:
    root = lay({**PYTEST, "tests/test_a.py": PLAIN, "inner/tests/test_b.py": PLAIN})
    found = suites_of(root, ServiceKind.PYTHON, [root / "inner"], servers=True)
    assert paths(found, Stage.UNIT) == ("tests",)


@pytest.mark.parametrize(
    ("manage", "command"),
    [
        ("import django\n", ("python", "manage.py", "test")),
        ("", ("python", "-m", "unittest", "discover", "-v")),
    ],
)
def test_without_pytest_the_projects_own_command_runs(
    lay: Lay, manage: str, command: tuple[str, ...]
) -> None:
    root = lay({"requirements.txt": "x\n", "manage.py": manage, "shop/tests.py": PLAIN})
    found = suites_of(root, ServiceKind.PYTHON, (), servers=True)
    assert [suite.command for suite in found.found] == [command]


def package(script: str, *dependencies: str) -> str:
    packages = ", ".join(f'"{name}": "1"' for name in dependencies)
    return f'{{"scripts": {{"test": "{script}"}}, "devDependencies": {{{packages}}}}}'


def test_a_script_that_runs_plain_tests_is_left_to_discovery(lay: Lay) -> None:
    root = lay({"package.json": package("vitest run"), "src/a.test.ts": "test('a', () => {})"})
    (suite,) = suites_of(root, ServiceKind.NODE, (), servers=True).found
    assert (suite.stage, suite.usual, suite.paths) == (Stage.UNIT, True, ())


def test_script_tests_are_followed_to_their_connections(lay: Lay) -> None:
    root = lay(
        {
            "package.json": package("jest", "jest"),
            "src/db.js": "module.exports = new Pool({});",
            "src/app.js": "const db = require('./db');",
            "__tests__/app.test.js": "const app = require('../src/app');",
            "src/words.test.js": "test('a', () => {});",
        }
    )
    found = suites_of(root, ServiceKind.NODE, (), servers=True)
    assert paths(found, Stage.UNIT) == ("src",)
    assert paths(found, Stage.SERVICE) == ("__tests__",)
    assert cause(found, Stage.SERVICE) == "__tests__/app.test.js: db.js:1 connects"


def test_mocked_modules_connect_to_nothing(lay: Lay) -> None:
    root = lay(
        {
            "package.json": package("jest", "jest"),
            "src/db.js": "module.exports = new Pool({});",
            "tests/a.test.js": "jest.mock('../src/db');\nrequire('../src/db');",
        }
    )
    (suite,) = suites_of(root, ServiceKind.NODE, (), servers=True).found
    assert suite.stage is Stage.UNIT


@pytest.mark.parametrize("script", ["playwright test", "cypress run"])
def test_a_script_that_drives_a_browser_is_no_unit_suite(lay: Lay, script: str) -> None:
    root = lay({"package.json": package(script), "tests/a.spec.ts": ""})
    found = suites_of(root, ServiceKind.NODE, (), servers=True)
    assert found.found == ()
    assert "browser" in dict(found.dropped)[Stage.UNIT]


def test_a_script_of_another_runner_goes_where_its_tests_belong(lay: Lay) -> None:
    files = {
        "package.json": package("mocha"),
        "test/sample.js": "const app = require('../src/app');",
        "src/app.js": "mongoose.connect(process.env.MONGO_URL)",
    }
    found = suites_of(lay(files), ServiceKind.NODE, (), servers=True)
    assert [(s.stage, s.command) for s in found.found] == [(Stage.SERVICE, ("npm", "run", "test"))]
    assert Stage.UNIT in dict(found.dropped)


def test_go_packages_are_told_apart(lay: Lay) -> None:
    root = lay(
        {
            "go.mod": "module x\n",
            "names/names_test.go": "package names\n",
            "store/store_test.go": 'package store\nvar _ = os.Getenv("DATABASE_URL")\n',
            "all/all_test.go": dedent("""\
                //go:build integration

                package all
                """),
        }
    )
    found = suites_of(root, ServiceKind.GO, (), servers=True)
    assert paths(found, Stage.UNIT) == ("names",)
    assert paths(found, Stage.SERVICE) == ("all", "store")
