from __future__ import annotations

import pytest

from seatrial.insight.causes import Causes
from seatrial.insight.model import Cause, CauseKind
from seatrial.insight.sources import Sources
from tests.unit.insight.sources import FILE, FOLDER, causes, causes_of, took

PLACE = f"{FOLDER}/{FILE}"
CONFTEST = f"{FOLDER}/tests/conftest.py"


def sleep(line: int, seconds: float, file: str = PLACE) -> Cause:
    return Cause(CauseKind.SLEEP, file, line, seconds, saved=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "import time\ndef test_x():\n    time.sleep(2)\n    assert done()\n",
        "from time import sleep as nap\ndef test_x(): \n    nap(2.0)\n    assert done()\n",
        "import asyncio\nasync def test_x():\n    await asyncio.sleep(2)\n",
        "PAUSE = 2; import time\ndef test_x():\n    time.sleep(PAUSE)\n",
    ],
)
def test_a_sleep_is_a_cause_and_its_seconds_can_be_saved(text: str) -> None:
    assert causes_of(text, took("test_x", call=2.1)) == [sleep(3, 2.0)]


@pytest.mark.parametrize(
    "statement",
    [
        "for _ in range(20):\n        time.sleep(0.1)",
        "while not done(): time.sleep(0.5)",
        "if slow(): time.sleep(2)",
        "def later(): time.sleep(2)\n    start(later)",
        "start(lambda: time.sleep(2))",
        "asyncio.sleep(2)",
        "time.sleep(0.05)",
        "return\n    time.sleep(2)",
    ],
)
def test_what_may_not_wait_is_no_cause(statement: str) -> None:
    text = f"import asyncio, time\ndef test_x():\n    {statement}\n"
    assert causes_of(text, took("test_x", call=2.1)) == []


def test_a_sleep_longer_than_the_test_did_not_happen() -> None:
    text = "import time\ndef test_x(frozen):\n    time.sleep(60)\n"
    assert causes_of(text, took("test_x", call=1.2)) == []


def test_a_name_that_is_given_two_numbers_is_none() -> None:
    text = "import time\nPAUSE = 2\nPAUSE = 1\ndef test_x():\n    time.sleep(PAUSE)\n"
    assert causes_of(text, took("test_x", call=2.1)) == []


def test_a_sleep_in_a_helper_of_the_file_is_found_where_it_stands() -> None:
    text = """\
        import time
        def settle():
            again()
            time.sleep(2)
        def again():
            settle()
        def test_x():
            with database():
                settle()
        """
    assert causes_of(text, took("test_x", call=2.1)) == [sleep(4, 2.0)]


def test_tests_of_classes_and_with_parameters_are_found() -> None:
    text = """\
        import time
        class TestA:
            class TestB:
                def test_x(self, one):
                    time.sleep(1)
        def test_x():
            pass
        """
    assert causes_of(text, took("TestA::TestB::test_x[a::b]", call=1.1)) == [sleep(5, 1.0)]


def test_fixtures_sleep_in_the_set_up_and_after_the_yield_in_the_teardown() -> None:
    conftest = """\
        import time
        import pytest
        @pytest.fixture(scope="session")
        def server():
            time.sleep(3)
            yield
            time.sleep(4)
        @pytest.fixture(name="client")
        def make_client(server):
            return 1
        """
    text = "def test_x(client): pass\n"
    both = took("test_x", setup=3.1, teardown=4.1)
    assert causes_of(text, both, conftest=conftest) == [
        sleep(5, 3.0, CONFTEST),
        sleep(7, 4.0, CONFTEST),
    ]
    first = took("test_x", setup=3.1)
    assert causes_of(text, first, conftest=conftest) == [sleep(5, 3.0, CONFTEST)]


def test_the_nearest_fixture_of_a_name_is_the_one() -> None:
    far = "import pytest, time\n@pytest.fixture\ndef server():\n    time.sleep(2)\n"
    near = "import pytest\n@pytest.fixture\ndef server():\n    pass\ndef test_x(server): pass\n"
    assert causes_of(near, took("test_x", setup=2.1), conftest=far) == []


@pytest.mark.parametrize(
    "call",
    [
        "queue.get(timeout=2)",
        "assert client.get('/', timeout=LIMIT).ok",
        "await asyncio.wait_for(event.wait(), 2)",
    ],
)
def test_a_timeout_that_took_as_long_as_the_test_was_waited_out(call: str) -> None:
    text = f"import asyncio\nLIMIT = 2\nasync def test_x():\n    {call}\n"
    waited = Cause(CauseKind.TIMEOUT, PLACE, 4, 2.0)
    assert causes_of(text, took("test_x", call=2.02)) == [waited]
    assert causes_of(text, took("test_x", call=1.5)) == []
    assert causes_of(text, took("test_x", call=3.5)) == []


def test_what_was_slept_was_not_waited() -> None:
    text = "import time\ndef test_x():\n    time.sleep(2)\n    queue.get(timeout=2)\n"
    assert causes_of(text, took("test_x", call=2.1)) == [sleep(3, 2.0)]


NARROW = """\
    import pytest
    @pytest.fixture{scope}
    def database():
        return connect()
    @pytest.fixture
    def cheap():
        return 1
    def test_x(database, cheap): pass
    @pytest.mark.parametrize("n", [1, 2])
    def test_y(database, n): pass
    def test_z(cheap): pass
    """
SLOW = (
    took("test_x", setup=2.0),
    took("test_y[1]", setup=2.2),
    took("test_y[2]", setup=1.9),
    took("test_z", call=0.1),
)


def test_a_fixture_that_every_test_pays_for_is_of_too_narrow_a_scope() -> None:
    narrow = Cause(CauseKind.FIXTURE, PLACE, 3, 2.0, name="database", tests=3)
    assert causes_of(NARROW.format(scope=""), *SLOW) == [narrow]


@pytest.mark.parametrize("scope", ["(scope='module')", "(scope=chosen)"])
def test_a_fixture_of_another_scope_is_not(scope: str) -> None:
    assert causes_of(NARROW.format(scope=scope), *SLOW) == []


def test_a_set_up_that_one_test_pays_for_is_of_no_fixture_of_function_scope() -> None:
    quick = (took("test_y[1]", setup=0.01), took("test_y[2]", setup=0.01))
    assert causes_of(NARROW.format(scope=""), SLOW[0], *quick) == []


def test_a_fixture_that_cannot_be_seen_may_be_the_slow_one() -> None:
    text = NARROW.format(scope="").replace("database, cheap", "database, cheap, of_a_plugin")
    assert causes_of(text, *SLOW) == []


def test_automatic_and_marked_fixtures_count() -> None:
    text = """\
        import pytest, time
        @pytest.fixture(autouse=True)
        def always(): time.sleep(0.2)
        @pytest.fixture
        def asked(): time.sleep(0.3)
        @pytest.mark.usefixtures("asked")
        class TestA:
            def test_x(self): pass
        """
    assert causes_of(text, took("TestA::test_x", setup=0.55)) == [sleep(3, 0.2), sleep(5, 0.3)]


def test_a_file_that_sleeps_is_slow_to_collect() -> None:
    looked = causes(
        {FILE: "import time\ntime.sleep(2)\ndef test_x(): pass\n", "conftest.py": "import time\n"},
        took("test_x"),
        took("test_y"),
    )
    assert looked.of_collection(2.5) == (sleep(2, 2.0),)
    assert looked.of_collection(1.5) == ()


@pytest.mark.parametrize("text", ["def test_x(:\n", "\0", "def test_other(): pass\n"])
def test_a_source_that_does_not_have_the_test_is_not_read(text: str) -> None:
    assert causes({FILE: text}, took("test_x")).of(took("test_x")) is None
    assert causes({}, took("test_x")).of(took("test_x")) is None


def test_what_python_warns_of_is_not_repeated(recwarn: pytest.WarningsRecorder) -> None:
    text = "def test_x():\n    assert 1 is 1, '\\d'\n"
    assert causes_of(text, took("test_x", call=2.0)) == []
    assert recwarn.list == []


def test_a_suite_may_stand_in_the_root() -> None:
    texts = {
        "tests/conftest.py": "import pytest, time\n@pytest.fixture\ndef server(): time.sleep(2)\n",
        "tests/integration/test_all.py": "def test_x(server): pass\n",
    }
    result = took("test_x", setup=2.1, file="tests/integration/test_all.py")
    found = Causes(Sources("", texts.get), [result]).of(result)
    assert found == (sleep(3, 2.0, "tests/conftest.py"),)
