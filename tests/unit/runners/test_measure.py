"""What the plugin in the user's pytest measures, in a pytest of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from seatrial.runners.pytest import PLUGIN_FOLDER
from tests.support.inner_pytest import pytest_in, write

BUSY = """
    import time
    def busy(seconds):
        began = time.thread_time()
        while time.thread_time() - began < seconds:
            pass
"""


def told(folder: Path, *words: str) -> dict[str, list[dict[str, Any]]]:
    """Run pytest in ``folder``, and return the facts of each kind that it reported."""
    report = folder / "report"
    os.mkfifo(report)
    # It holds what a few tests report, so that nobody need read meanwhile.
    fd = os.open(report, os.O_RDWR | os.O_NONBLOCK)
    try:
        path = f"{PLUGIN_FOLDER}{os.pathsep}{folder}"
        words = ("-p", "seatrial_report", *words)
        said = pytest_in(folder, *words, SEATRIAL_REPORT=str(report), PYTHONPATH=path)
        assert said.returncode == 0, said.stdout + said.stderr
        facts = [json.loads(line) for line in os.read(fd, 1_000_000).splitlines()]
    finally:
        os.close(fd)
    return {kind: [f for f in facts if f["t"] == kind] for kind in {f["t"] for f in facts}}


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["alone", "workers"])
def test_lines_that_the_collection_stands_in_are_told(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    write(
        tmp_path,
        {
            "tools.py": BUSY,
            "rates.py": "import tools\n\ndef table():\n    tools.busy(0.3)\n\nRATES = table()\n",
            "site-packages/heavy.py": "from tools import busy\nbusy(0.3)\n",
            "test_a.py": """
                import sys
                sys.path.append("site-packages")
                import heavy
                from rates import RATES
                from tools import busy
                busy(0.3)
                def test_x(): pass
            """,
        },
    )
    *_, collected = told(tmp_path, *words)["collected"]
    assert collected["total"] == 1
    found = {(kind, file, line): rest for kind, file, line, _, *rest in collected["lines"]}
    assert found == {
        ("import", "test_a.py", 3): ["heavy", "", 0],
        ("work", "rates.py", 6): ["rates", "test_a.py", 4],
        ("work", "test_a.py", 6): ["test_a", "", 0],
    }


def test_a_quick_collection_has_nothing_to_tell_and_leaves_no_thread(tmp_path: Path) -> None:
    text = "import sys\ndef test_x():\n    assert len(sys._current_frames()) == 1\n"
    write(tmp_path, {"test_a.py": text})
    (collected,) = told(tmp_path)["collected"]
    assert collected["lines"] == []


def test_each_set_up_is_told_with_the_test_that_paid_for_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "tools.py": BUSY,
            "conftest.py": """
                import pytest
                from tools import busy

                @pytest.fixture(scope="session")
                def server():
                    busy(0.05)

                @pytest.fixture(params=["a", "b"])
                def client(request, server):
                    busy(0.03)
                    request.getfixturevalue("page")

                @pytest.fixture
                def page():
                    busy(0.06)

                @pytest.fixture
                def cheap(): pass
            """,
            "test_a.py": "def test_x(client, cheap): pass\n",
        },
    )
    first, second = told(tmp_path)["finish"]
    page = ["page", "function", "conftest.py", 13]
    assert [one[:4] for one in first["fixtures"]] == [
        ["server", "session", "conftest.py", 4],
        page,
        ["client[0]", "function", "conftest.py", 8],
    ]
    assert [one[:4] for one in second["fixtures"]] == [
        page,
        ["client[1]", "function", "conftest.py", 8],
    ]
    assert sum(one[4] for one in first["fixtures"]) <= dict(first["phases"])["set-up"]


def test_a_fixture_that_stands_in_no_file_is_timed_all_the_same(tmp_path: Path) -> None:
    text = """
        import pytest
        from tools import busy
        exec("def made(): busy(0.02)")
        made = pytest.fixture(made)
        def test_x(made): pass
    """
    write(tmp_path, {"tools.py": BUSY, "test_a.py": text})
    (finish,) = told(tmp_path)["finish"]
    assert [one[:4] for one in finish["fixtures"]] == [["made", "function", "<string>", 1]]


@pytest.mark.parametrize("words", [(), ("-n", "1")])
def test_fixtures_are_told_by_workers_too(tmp_path: Path, words: tuple[str, ...]) -> None:
    text = """
        import pytest
        from tools import busy
        @pytest.fixture
        def slow(): busy(0.02)
        def test_x(slow): pass
    """
    write(tmp_path, {"tools.py": BUSY, "test_a.py": text})
    (finish,) = told(tmp_path, *words)["finish"]
    assert [one[:2] for one in finish["fixtures"]] == [["slow", "function"]]
