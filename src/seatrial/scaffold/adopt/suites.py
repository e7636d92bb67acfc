"""The suites of one folder: what the layout finds in it by itself, and what has to be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.discover import packages
from seatrial.discover.look import walk
from seatrial.model.project import ServiceKind, Stage
from seatrial.scaffold.adopt.model import FoundSuite
from seatrial.scaffold.adopt.othercode import GoCode, ScriptCode, for_browser
from seatrial.scaffold.adopt.places import Needs, Places, sort_places
from seatrial.scaffold.adopt.pythoncode import PythonCode

_PYTHON_TEST = re.compile(r"(?:test_.*|.*_test|tests)\.py")
_A_TEST = re.compile(r"^\s*(?:async\s+)?def test|^\s*class \w*Test|^scenarios\(", re.MULTILINE)
_SCRIPT_TEST = re.compile(r".+\.(?:test|spec)\.[cm]?[jt]sx?|.*__tests__/.+\.[cm]?[jt]sx?")
# Runners other than vitest and jest take files by their folder, whatever they are called.
_IN_TEST_FOLDER = re.compile(rf"(?:.*/)?(?:tests?|specs?)/.+\.[cm]?[jt]sx?|{_SCRIPT_TEST.pattern}")
_BROWSERS = re.compile(r"\b(playwright|cypress|wdio|nightwatch)\b")
_REQUIREMENTS = ("pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "tox.ini")


@dataclass(frozen=True, slots=True)
class Suites:
    """What tests a folder; ``dropped`` says why the layout's own suite of a stage is not one."""

    found: tuple[FoundSuite, ...] = ()
    dropped: tuple[tuple[Stage, str], ...] = ()


def suites_of(folder: Path, kind: ServiceKind, nested: Iterable[Path], *, servers: bool) -> Suites:
    """Return the suites of ``folder``, without those of the services ``nested`` in it.

    ``servers`` says that compose files hold servers which tests could need; without them only the
    names of folders tell integration tests from unit tests.
    """
    files = [f for f in walk(folder) if not any(f.is_relative_to(one) for one in nested)]
    if kind is ServiceKind.GO:
        return _go(folder, files, servers)
    if kind is ServiceKind.NODE:
        return _node(folder, files, servers)
    if kind is ServiceKind.RUST:
        return Suites()
    python = _python(folder, files, servers)
    return python if python.found or kind is ServiceKind.PYTHON else _node(folder, files, servers)


def _python(folder: Path, files: list[Path], servers: bool) -> Suites:
    tests = [file for file in files if _PYTHON_TEST.fullmatch(file.name) and _holds_test(file)]
    places = sort_places(folder, tests, _asked(PythonCode(folder).needs, servers))
    if not tests or _knows(folder, "pytest"):
        return Suites(tuple(_by_places(places)))
    return Suites(tuple(_without_pytest(folder, places)))


def _holds_test(file: Path) -> bool:
    """Return whether there is a test in a file: frameworks lay empty ones out."""
    return bool(_A_TEST.search(file.read_text(encoding="utf-8", errors="replace")))


def _without_pytest(folder: Path, places: Places) -> Iterator[FoundSuite]:
    """Yield the suite of a project that has no pytest: one command runs all of it."""
    manage = folder / "manage.py"
    command: tuple[str, ...] = ("python", "-m", "unittest", "discover", "-v")
    if manage.is_file() and re.search(r"django|def test\b", manage.read_text(errors="replace")):
        command = ("python", "manage.py", "test")
    why = "pytest is not among its packages"
    stage = Stage.SERVICE if places.deep else Stage.UNIT
    cause = next(iter((places.deep or places.unit).values()), "")
    yield FoundSuite(stage, f"{cause}; {why}", command=command)


def _knows(folder: Path, package: str) -> bool:
    """Return whether a manifest of ``folder`` names ``package``."""
    names = [folder / name for name in _REQUIREMENTS]
    names += [*folder.glob("*requirements*.txt"), *folder.glob("requirements/*.txt")]
    texts = (file.read_text(errors="replace") for file in names if file.is_file())
    return any(re.search(rf"\b{package}\b", text) for text in texts)


def _node(folder: Path, files: list[Path], servers: bool) -> Suites:
    package = packages.read_package(folder)
    if package is None:
        return Suites()
    script = package.script(packages.UNIT_SCRIPTS)
    runner = package.runner(script)
    if script and (browser := _browser(package, script)):
        why = f"its script {script} drives a browser ({browser}) over the whole stack"
        return Suites(dropped=((Stage.UNIT, why),))
    pattern = _IN_TEST_FOLDER if runner == "command" else _SCRIPT_TEST
    tests = [f for f in files if pattern.fullmatch(f.relative_to(folder).as_posix())]
    tests = [file for file in tests if not for_browser(file)]
    places = sort_places(folder, tests, _asked(ScriptCode().needs, servers))
    if not places.deep:
        watching = "react-scripts test" in package.scripts.get(script or "", "")
        env = {"CI": "true"} if watching else {}
        cause = f"its script {script}"
        cause += ", which goes on to wait for changes without CI" if watching else ""
        usual = FoundSuite(Stage.UNIT, cause, usual=True, env=env)
        found = (usual,) if script else tuple(_by_places(places))
        return Suites(found)
    if package.script(packages.SERVICE_SCRIPTS) or (runner == "vitest" and _is_layout(places)):
        stages = (Stage.UNIT, Stage.SERVICE)
        return Suites(tuple(FoundSuite(s, "its scripts and folders", usual=True) for s in stages))
    why = next(iter(places.deep.values()))
    if runner == "command" and places.unit:
        usual = FoundSuite(Stage.UNIT, f"its script {script}", usual=True)
        return Suites((usual,), ((Stage.SERVICE, f"{why}; what runs them is not known"),))
    if runner == "command":
        command = ("npm", "run", script or "test")
        suite = FoundSuite(Stage.SERVICE, why, command=command)
        return Suites((suite,), ((Stage.UNIT, f"its script {script} needs a server"),))
    # The script would run all of them.
    found = tuple(replace(suite, usual=False) for suite in _by_places(places))
    dropped = () if places.unit else ((Stage.UNIT, f"its script {script} needs a server"),)
    return Suites(found, dropped if script else ())


def _browser(package: packages.Package, script: str) -> str:
    match = _BROWSERS.search(package.scripts[script])
    return match[1].capitalize() if match else ""


def _is_layout(places: Places) -> bool:
    return set(places.deep) == {"tests/integration"}


def _go(folder: Path, files: list[Path], servers: bool) -> Suites:
    tests = [file for file in files if file.name.endswith("_test.go")]
    if not tests:
        return Suites()
    reasons: dict[str, str] = {}
    by_package: dict[str, list[Path]] = {}
    for file in tests:
        by_package.setdefault(file.parent.relative_to(folder).as_posix(), []).append(file)
    needs = _asked(GoCode().needs, servers)
    for package, inside in by_package.items():
        places = sort_places(folder, inside, needs)
        reasons[package] = next(iter(places.deep.values()), "")
    deep = {package: why for package, why in reasons.items() if why}
    if not deep:
        return Suites((FoundSuite(Stage.UNIT, "go test ./...", usual=True),))
    unit = tuple(package for package in by_package if package not in deep)
    found = [FoundSuite(Stage.UNIT, "no test of these packages needs a server", unit)]
    service = FoundSuite(Stage.SERVICE, next(iter(deep.values())), tuple(deep))
    dropped = () if unit else ((Stage.UNIT, "all of its tests need a server"),)
    return Suites((*(found if unit else ()), service), dropped)


def _asked(needs: Needs, servers: bool) -> Needs:
    return needs if servers else lambda _file: ""


def _by_places(places: Places) -> Iterator[FoundSuite]:
    usual = {Stage.UNIT: "tests/unit", Stage.SERVICE: "tests/integration"}
    for stage, found in ((Stage.UNIT, places.unit), (Stage.SERVICE, places.deep)):
        if found:
            paths = tuple(found)
            is_usual = paths == (usual[stage],)
            apart = places.apart if stage is Stage.SERVICE else ()
            yield FoundSuite(stage, next(iter(found.values())), paths, is_usual, apart)
