from __future__ import annotations

import pytest

from seatrial.insight.causes import Causes
from seatrial.insight.model import Cause, CauseKind
from seatrial.insight.setups import Setups
from seatrial.insight.sources import Sources
from seatrial.model.result import FixtureTime
from tests.unit.insight.sources import FILE, FOLDER, causes, causes_of, took

WAITS = "import asyncio; from seatrial.testing import wait_for"
PLACE = f"{FOLDER}/{FILE}"
CONFTEST = f"{FOLDER}/tests/conftest.py"


def sleep(line: int, seconds: float, file: str = PLACE) -> Cause:
    return Cause(CauseKind.SLEEP, file, line, seconds, saved=seconds)


def timeout(line: int, seconds: float) -> Cause:
    return Cause(CauseKind.TIMEOUT, PLACE, line, seconds, saved=seconds)


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
        "for one in some():\n        time.sleep(0.1)",
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


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("tests/unit/support.py", "from support import settle"),
        ("tests/unit/support.py", "from .support import settle as wait"),
        ("tests/support.py", "from ..support import settle"),
        ("tests/support.py", "from tests.support import settle"),
        ("a/jobs.py", "from a.jobs import settle"),
    ],
)
def test_a_sleep_in_another_module_of_the_suite_is_found_where_it_stands(
    file: str, line: str
) -> None:
    name = line.split()[-1]
    result = took("test_x", call=2.1)
    files = {
        FILE: f"{line}\ndef test_x():\n    {name}()\n",
        file: "from time import sleep\ndef settle():\n    sleep(2)\n",
    }
    assert causes(files, result).of(result) == (sleep(3, 2.0, f"{FOLDER}/{file}"),)


@pytest.mark.parametrize("line", ["from ....support import settle", "from support import other"])
def test_what_no_module_of_the_suite_has_is_not_looked_for(line: str) -> None:
    assert causes_of(f"{line}\ndef test_x():\n    settle()\n", took("test_x", call=2.1)) == []


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
        "assert not event.wait(2)",
        "peer.settimeout(2)",
        "wait_for(lambda: False, 2)",
        "wait_for(lambda: False, timeout=LIMIT)",
    ],
)
def test_a_timeout_that_took_as_long_as_the_test_was_waited_out(call: str) -> None:
    text = f"{WAITS}\nLIMIT = 2\nasync def test_x():\n    {call}\n"
    waited = timeout(4, 2.0)
    assert causes_of(text, took("test_x", call=2.02)) == [waited]
    assert causes_of(text, took("test_x", call=1.5)) == []
    assert causes_of(text, took("test_x", call=3.5)) == []


@pytest.mark.parametrize(
    "loop",
    [
        "end = time.monotonic() + 2\n    while time.monotonic() < end: look()",
        "end = time.monotonic() + 2\n    while True:\n        if time.monotonic() > end: break",
        "started()\n    for _ in range(20):\n        if done(): break\n        time.sleep(0.1)",
    ],
)
def test_a_loop_that_gave_up_was_waited_out(loop: str) -> None:
    text = f"import time\ndef test_x():\n    {loop}\n"
    assert causes_of(text, took("test_x", call=2.01)) == [timeout(4, 2.0)]
    assert causes_of(text, took("test_x", call=0.3)) == []


def test_a_helper_that_gave_up_counts_where_it_is_called() -> None:
    text = """\
        import time
        def until(condition, within=2.0, *, pause=0.01):
            end = time.monotonic() + within
            while time.monotonic() < end:
                time.sleep(pause)
        def test_x():
            until(done)
        def test_y():
            until(done, 3)
        def test_z():
            until(done, within=4)
        """
    assert causes_of(text, took("test_x", call=2.01)) == [timeout(7, 2.0)]
    assert causes_of(text, took("test_y", call=3.01)) == [timeout(9, 3.0)]
    assert causes_of(text, took("test_z", call=4.01)) == [timeout(11, 4.0)]
    assert causes_of(text, took("test_z", call=2.01)) == []


def test_a_fixture_may_wait_in_vain() -> None:
    text = """\
        import pytest
        @pytest.fixture
        def peer():
            return connect(timeout=2)
        def test_x(peer): pass
        """
    set_up = FixtureTime("peer", "function", FILE, 2, 2.01)
    assert causes_of(text, took("test_x", setup=2.1, fixtures=(set_up,))) == [timeout(4, 2.0)]
    quick = FixtureTime("peer", "function", FILE, 2, 0.1)
    assert causes_of(text, took("test_x", setup=2.1, fixtures=(quick,))) == []


def test_a_loop_that_always_sleeps_to_its_end_is_one_sleep() -> None:
    text = "import time\ndef test_x():\n    for _ in range(1, 21):\n        time.sleep(0.1)\n"
    assert causes_of(text, took("test_x", call=2.1)) == [sleep(4, 2.0)]


def test_what_was_slept_was_not_waited() -> None:
    text = "import time\ndef test_x():\n    time.sleep(2)\n    queue.get(timeout=2)\n"
    assert causes_of(text, took("test_x", call=2.1)) == [sleep(3, 2.0)]


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
    sources = Sources("", texts.get)
    found = Causes(sources, Setups(sources, [result])).of(result)
    assert found == (sleep(3, 2.0, "tests/conftest.py"),)
