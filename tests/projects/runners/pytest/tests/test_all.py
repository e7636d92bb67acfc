import os
import subprocess
import sys

import pytest

OURS = ("SEATRIAL", "seatrial")


def helper(value):
    assert value == 2, "the helper is not where the test fails"


def test_passing():
    pass


def test_failing():
    print("said before it failed")
    value = 1
    assert value == 2


def test_children_do_not_hear_of_us():
    script = "import os; print(sorted(n + v for n, v in os.environ.items()))"
    said = subprocess.check_output([sys.executable, "-c", script], text=True)
    inherited = {n: v for n, v in os.environ.items() if n in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    assert "SEATRIAL_REPORT" not in said
    assert "pytest_plugin" not in said
    assert "seatrial_report" not in str(inherited)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_reports_nothing(request):
    reporter = request.config.pluginmanager.getplugin("seatrial-reporter")
    child = os.fork()
    if child == 0:
        if reporter is not None:
            reporter.pytest_sessionfinish(0)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_was_given_the_option(request):
    assert request.config.getoption("--integration")


@pytest.mark.skip(reason="never")
def test_skipped():
    pass


@pytest.mark.xfail
def test_expected():
    raise AssertionError


@pytest.mark.xfail
def test_unexpected():
    pass


@pytest.mark.xfail(strict=True)
def test_strictly_unexpected():
    pass


@pytest.fixture
def broken():
    raise RuntimeError("no set-up")


def test_breaks_in_its_set_up(broken):
    pass


@pytest.fixture
def breaking():
    yield
    raise RuntimeError("no teardown")


def test_breaks_after_itself(breaking):
    pass


class TestOdd:
    @pytest.mark.parametrize("name", ["a::b c/d"])
    def test_names(self, name):
        helper(1)
