"""Measure seatrial against baselines, print the tables, and keep them in the documentation.

    make bench                              everything, three times each
    make bench ARGS="runs share --repeat 5"

Figures are of the machine and the moment they were taken on; nothing in the tests asserts them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import databases
import knowing
import linting
import living
import many
import one_run
import peers
import plugin
import spreading
import startup
import whole_runs
from measure import BenchError
from tables import Section, replaced
from workbench import ROOT, Workbench, workbench

PAGE = ROOT / "docs" / "explanation" / "performance.md"

Part = Callable[[Workbench, int, Callable[[str], None]], Section]
PARTS: dict[str, Part] = {
    "startup": startup.measure,
    "imports": one_run.imports,
    "bytes": one_run.printed,
    "postgres": knowing.postgres,
    "share": one_run.share,
    "readiness": knowing.containers,
    "living": living.measure,
    "linting": linting.measure,
    "many": many.measure,
    "peers": peers.measure,
    "databases": databases.measure,
    "plugin": plugin.measure,
    "spreading": spreading.measure,
    "runs": whole_runs.measure,
}


def main() -> int:
    """Measure what was asked for; 1 where something could not be measured though it should."""
    options = _options()
    wanted = options.parts or list(PARTS)
    failed, took = False, {}
    for name in (*wanted, "machine"):
        replaced(PAGE.read_text(encoding="utf-8"), Section(name, name))  # before hours are spent
    with workbench() as bench:
        if not bench.engine:
            say("NO DOCKER ENGINE ANSWERS: nothing with containers will be measured")
        for name in wanted:
            begun = f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}"
            begun += f", load average {os.getloadavg()[0]:.1f}, repeats {options.repeat}"
            say(f"part {name}, {begun}")
            clock = time.monotonic()
            try:
                section = PARTS[name](bench, options.repeat, say)
            except BenchError as error:
                section, failed = Section(name, name, missing=[str(error)]), True
            took[name] = time.monotonic() - clock
            section = replace(section, notes=(*section.notes, f"Begun {begun}."))
            print(section.markdown(), flush=True)
            if not options.print_only:
                _keep(section)
    if not options.print_only:
        _keep(_machine())
    say("it took " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items()))
    return int(failed)


def say(text: str) -> None:
    """Tell how far it is, apart from the figures."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/run.py", description=(__doc__ or "").partition("\n")[0]
    )
    which = f"measure these parts only: {', '.join(PARTS)}"
    parser.add_argument("parts", nargs="*", metavar="PART", help=which)
    parser.add_argument("--only", action="append", dest="more", metavar="PART", help="one of them")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each; 3")
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    options = parser.parse_args()
    options.parts += options.more or []
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"no part is called {unknown[0]}; there are: {', '.join(PARTS)}")
    return options


def _keep(section: Section) -> None:
    page = replaced(PAGE.read_text(encoding="utf-8"), section)
    PAGE.write_text(page, encoding="utf-8")


def _machine() -> Section:
    rows = [
        ("processors", str(os.cpu_count())),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", platform.python_version()),
    ]
    return Section("machine", "The machine", ("", ""), rows)


if __name__ == "__main__":
    sys.exit(main())
