"""What images do at their start is done for processes, too: as root and as a normal user."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import sysconfig
import time
from pathlib import Path

import pytest

import seatrial
from seatrial.events import Notice, Noticed
from seatrial.host.processes import Processes
from seatrial.host.system import environment
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.providers.base import Place
from seatrial.runtimes.process.providers.pginstall import Install, choose, installs
from seatrial.runtimes.process.unprivileged import reachable
from tests.support.local import SERVER, Checkout, ask
from tests.support.loop import in_a_loop

pytestmark = pytest.mark.local
NOBODY = 65534
POSTGRES = """
services:
  db: {image: "postgres:16", environment: {POSTGRES_PASSWORD: secret}}
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "repo").mkdir()
    made = Checkout(tmp_path / "repo", tmp_path / "state")
    made.service()
    return made


@in_a_loop
async def test_an_entry_point_script_waits_migrates_and_starts_the_command(
    checkout: Checkout,
) -> None:
    checkout.write(
        "services/api/docker-entrypoint.sh",
        """
        #!/bin/sh
        set -eu -o pipefail
        until pg_isready -h "$DB_HOST" -p "$DB_PORT" -U test; do sleep 0.05; done
        PGPASSWORD=secret psql -h "$DB_HOST" -p "$DB_PORT" -U test -qc "create table t ()"
        echo migrated
        exec "$@"
        """,
    )
    checkout.write(
        "services/api/Dockerfile",
        """
        FROM python:3.12-alpine AS base
        RUN apk add --no-cache postgresql-client tini
        COPY services/api/docker-entrypoint.sh /usr/local/bin/
        ENTRYPOINT ["tini", "--", "docker-entrypoint.sh"]
        FROM base
        WORKDIR /app
        COPY services/api .
        ENV HOST=0.0.0.0
        CMD exec python server.py
        """,
    )
    checkout.compose("""
        services:
          db:
            image: postgres:16
            environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: secret}
          api:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            environment: {DB_HOST: db, DB_PORT: 5432}
            ports: ["8000"]
        """)
    async with checkout.run() as session, session.up() as up:
        assert ask(up)["env"]["DB_PORT"] == "5432"
        lines = [line.text for line in await up.logs() if line.service == "api"]
    assert lines[lines.index("migrated") + 1] == "listening"


@in_a_loop
async def test_an_image_made_from_postgres_brings_its_init_scripts(checkout: Checkout) -> None:
    checkout.write("db/schema.sql", "create table prices (amount int);")
    checkout.write(
        "db/Dockerfile",
        """
        FROM postgres:16-alpine
        ENV POSTGRES_DB=shop
        COPY schema.sql /docker-entrypoint-initdb.d/
        """,
    )
    checkout.compose("""
        services:
          db:
            build: ../../db
            environment: {POSTGRES_PASSWORD: secret}
            command: postgres -c max_connections=17
            healthcheck:
              test: >-
                psql -U postgres -d shop -Atc 'select * from prices; show max_connections'
                | grep 17
        """)
    async with checkout.run() as session, session.up():
        pass


@in_a_loop
async def test_an_image_of_several_sources_runs_in_a_folder_put_together(
    checkout: Checkout,
) -> None:
    checkout.write("shared/pricing.py", "RATE = 42\n")
    checkout.write("services/api/server.py", "import pricing\nprint(pricing.RATE)\n" + SERVER)
    checkout.write(
        "services/api/Dockerfile",
        """
        FROM python:3.12
        WORKDIR /app
        COPY services/api/ ./
        COPY shared/ ./lib/
        ENV HOST=0.0.0.0 PYTHONPATH=/app/lib
        EXPOSE 8000
        CMD ["python", "-u", "server.py"]
        """,
    )
    checkout.compose("""
        services:
          api:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            ports: ["8000"]
        """)
    async with checkout.run() as session, session.up() as up:
        assert next(line.text for line in await up.logs()) == "42"
    assert sorted(p.name for p in (checkout.root / "services/api").iterdir()) == [
        "Dockerfile",
        "server.py",
    ]


@in_a_loop
async def test_another_major_version_is_said_once(checkout: Checkout) -> None:
    checkout.compose("""
        services:
          one: {image: "postgres:9.4", environment: {POSTGRES_HOST_AUTH_METHOD: trust}}
          two: {image: "postgres:9.4", environment: {POSTGRES_HOST_AUTH_METHOD: trust}}
        """)
    async with checkout.run() as session, session.up():
        pass
    near = [
        e for e in checkout.events if isinstance(e, Noticed) if e.notice is Notice.NEAREST_VERSION
    ]
    assert [event.subject for event in near] == ["postgres:9.4"]


@in_a_loop
async def test_only_the_newest_templates_are_kept(checkout: Checkout) -> None:
    folder = checkout.state / "cache/postgres"
    for age in range(1, 11):
        (folder / f"16-of-{age}-days").mkdir(parents=True)
        used = time.time() - age * 24 * 60 * 60
        os.utime(folder / f"16-of-{age}-days", (used, used))
    checkout.compose(POSTGRES)
    async with checkout.run() as session, session.up():
        pass
    kept = [path.name for path in folder.iterdir() if path.is_dir()]
    (made,) = (name for name in kept if "-of-" not in name)
    assert sorted(kept) == sorted([made, *(f"16-of-{age}-days" for age in range(1, 8))])


@in_a_loop
async def test_a_template_that_was_just_made_is_kept_though_others_seem_newer(
    checkout: Checkout,
) -> None:
    """As after the clock went back, and beside what an ended run began to remove."""
    folder = checkout.state / "cache/postgres"
    for day in range(1, 9):
        (folder / f"16-in-{day}-days").mkdir(parents=True)
        used = time.time() + day * 24 * 60 * 60
        os.utime(folder / f"16-in-{day}-days", (used, used))
    (folder / "16-half.old/base").mkdir(parents=True)
    checkout.compose(POSTGRES)
    async with checkout.run() as session, session.up():
        pass
    kept = [path.name for path in folder.iterdir() if path.is_dir()]
    assert len(kept) == 8
    assert [name for name in kept if "-in-" not in name and "half" not in name] != []
    assert "16-in-1-days" not in kept


@as_root
@in_a_loop
async def test_a_postgres_that_nobody_may_read_is_copied_where_they_may(tmp_path: Path) -> None:
    found = choose([one for one in installs() if not one.system], 16)
    assert found is not None
    closed = tmp_path / "closed/site/package"
    closed.mkdir(parents=True)
    shutil.copytree(found.bin.parent, closed / found.bin.parent.name, symlinks=True)
    # Copies are called after its age: servers of other tests may run from the one of the original.
    (closed / found.bin.parent.name / "bin/postgres").touch()
    libraries = None
    if found.library is not None:
        libraries = closed.parent / found.library.name
        shutil.copytree(found.library, libraries, symlinks=True)
    (tmp_path / "closed").chmod(0o700)
    install = Install(closed / found.bin.parent.name / "bin", 16, system=False, library=libraries)
    processes = Processes(environment())
    place = Place(
        Address("127.0.0.1"), tmp_path, tmp_path, {}, {}, processes, lambda *_: None, tmp_path
    )
    # Two environments of one run ask at once.
    asked = (reachable(install, NOBODY, place), reachable(install, NOBODY, place))
    copy, other = await asyncio.gather(*asked)
    try:
        assert copy == other
        assert copy.bin != install.bin
        assert await reachable(install, NOBODY, place) == copy
        done = await processes.run((str(copy.bin / "postgres"), "--version"), user=NOBODY)
        assert "PostgreSQL) 16" in done.out
    finally:
        shutil.rmtree(copy.bin.parents[3])


_SCRIPT = """
import asyncio, sys
from pathlib import Path
from tests.support.local import Checkout

async def main():
    checkout = Checkout(Path(sys.argv[1]), Path(sys.argv[2]))
    async with checkout.run() as session, session.up() as up:
        print(sorted(up.exports))

asyncio.run(main())
"""


@as_root
@in_a_loop
async def test_a_normal_user_needs_no_rights(checkout: Checkout) -> None:
    python = next((p for p in ("/usr/bin/python3", sys.executable) if Path(p).exists()), "")
    roots = (Path(__file__).parents[2], Path(seatrial.__file__).parents[1])
    path = os.pathsep.join((*map(str, roots), sysconfig.get_path("purelib")))
    processes = Processes(environment())
    probe = "import sys, seatrial.runtimes.process.runtime; assert sys.version_info >= (3, 11)"
    if not (
        await processes.run(
            (python, "-c", probe), env={"PYTHONPATH": path}, user=NOBODY, cwd=Path("/")
        )
    ).ok:
        pytest.skip("no Python, or no checkout, that a normal user can read")
    checkout.compose("""
        services:
          db:
            image: postgres:16
            environment: {POSTGRES_PASSWORD: secret}
            ports: ["5432"]
            healthcheck: {test: pg_isready -U postgres}
          cache:
            image: valkey/valkey:8
            ports: ["6379"]
            healthcheck: {test: valkey-cli ping}
        """)
    script = checkout.write("boot.py", _SCRIPT)
    # pytest's own folders are closed to others.
    home = Path("/tmp") / f"seatrial-test-{os.getpid()}"
    shutil.copytree(checkout.root, home / "repo")
    for folder in (home, *home.rglob("*")):
        os.chown(folder, NOBODY, NOBODY)
    try:
        done = await processes.run(
            (python, str(home / "repo" / script.name), str(home / "repo"), str(home / "state")),
            env={"PYTHONPATH": path, "HOME": str(home), "TMPDIR": "/tmp"},
            user=NOBODY,
            cwd=Path("/"),
            timeout=60,
        )
        assert done.ok, done.err
        assert "TEST_DATABASE_URL" in done.out
    finally:
        shutil.rmtree(home)
