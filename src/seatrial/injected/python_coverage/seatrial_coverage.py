"""Measures a process with coverage.py, and turns what processes recorded into lcov.

Runs in the user's own environment and by its configuration. Settings are a JSON object: ``root``
(only files below it count), ``folder`` (whose configuration of coverage.py holds), ``data`` (each
process writes a file of its own, whose path begins so), ``library`` (a folder with coverage.py for
environments that have none, or empty) and ``omit`` (patterns of what does not count).
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from typing import Any

_QUIET = [
    "no-data-collected",
    "module-not-imported",
    "module-not-measured",
    "already-imported",
    "include-ignored",
    "no-ctracer",
]


def begin(text: str) -> None:
    """Measure this process until it ends. Raises ``ImportError`` where there is no coverage.py."""
    settings = json.loads(text)
    coverage = _library(settings)
    if hasattr(coverage.process_startup, "coverage"):
        return  # The user's own configuration has it measured already.
    measured = coverage.Coverage(
        data_file=settings["data"],
        data_suffix=True,
        config_file=_configuration(settings["folder"]),
    )
    own = measured.get_option
    if not _chooses(measured):
        measured.set_option("run:include", [os.path.join(settings["root"], "*")])
    measured.set_option("run:omit", list(own("run:omit") or []) + settings["omit"])
    # Processes of one folder may have several working folders.
    measured.set_option("run:relative_files", False)
    measured.set_option("run:sigterm", True)
    measured.set_option("run:disable_warnings", list(own("run:disable_warnings") or []) + _QUIET)
    measured.start()

    def end() -> None:
        measured.stop()
        measured.save()

    atexit.register(end)


def report(request: dict[str, Any]) -> None:
    """Write what was recorded as lcov; in the Python of the tests, which can read their sources.

    ``request`` is the settings with ``recorded`` (files of data), ``sources`` (files that count
    though nothing may have run them) and ``out`` (a folder: data with branches and data without
    cannot be in one report).
    """
    coverage = _library(request)
    kinds: dict[bool, list[str]] = {}
    for path in request["recorded"]:
        data = coverage.CoverageData(basename=path)
        try:
            data.read()
            if data.measured_files():
                kinds.setdefault(data.has_arcs(), []).append(path)
        except coverage.CoverageException as error:
            # A process that was killed while it wrote.
            sys.stderr.write("%s\n" % error)
    for branches, paths in (kinds or {False: []}).items():
        _write(coverage, request, branches, paths)


def _write(coverage: Any, request: dict[str, Any], branches: bool, paths: list[str]) -> None:
    name = os.path.join(request["out"], "branches" if branches else "lines")
    measured = coverage.Coverage(
        data_file=name + ".data", config_file=_configuration(request["folder"])
    )
    own = measured.get_option
    omit = list(own("run:omit") or []) + list(own("report:omit") or []) + request["omit"]
    measured.set_option("run:relative_files", False)
    measured.set_option("run:branch", branches)
    if paths:
        measured.combine(paths, keep=True)
    data = measured.get_data()
    if not paths:
        data.add_lines({})
    if not _chooses(measured):
        seen = set(data.measured_files())
        data.touch_files([path for path in request["sources"] if path not in seen])
    try:
        measured.lcov_report(outfile=name + ".info", omit=omit, ignore_errors=True)
    except coverage.CoverageException as error:
        # Nothing of it counts.
        sys.stderr.write("%s\n" % error)


def _library(settings: dict[str, Any]) -> Any:
    """Return coverage.py: the environment's own, else the one that was brought along."""
    try:
        return __import__("coverage")
    except ImportError:
        if not settings["library"]:
            raise
    # Behind everything else, and with nothing in it but coverage.py.
    sys.path.append(settings["library"])
    return __import__("coverage")


def _configuration(folder: str) -> str | bool:
    """Return the file of ``folder`` that configures coverage.py, or ``False``."""
    for name, mark in (
        (".coveragerc", ""),
        (".coveragerc.toml", ""),
        ("setup.cfg", "[coverage:"),
        ("tox.ini", "[coverage:"),
        ("pyproject.toml", "[tool.coverage."),
    ):
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8") as file:
                if mark in file.read():
                    return path
        except (OSError, ValueError):
            continue
    return False


def _chooses(measured: Any) -> bool:
    """Return whether the user's configuration says what counts."""
    return any(map(measured.get_option, ("run:source", "run:source_pkgs", "run:include")))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as request_file:
        report(json.load(request_file))
