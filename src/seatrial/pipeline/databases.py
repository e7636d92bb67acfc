"""A database of its own for each worker of a suite: cloned from the environment's before the tests.

The environment's database is as its set-up has left it. Each clone goes once the suite has ended.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from seatrial.composefile.apart import Apart, database_of, with_database
from seatrial.composefile.exports import variable_prefix
from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.base import Environment

# On its socket the image's server lets its own user in; the password is for all who ask for one.
_PSQL = (
    'PGPASSWORD="${PGPASSWORD:-${POSTGRES_PASSWORD:-}}" exec psql -X -q -A -t -v ON_ERROR_STOP=1'
    ' -U "${POSTGRES_USER:-postgres}" -d postgres'
)
_LONGEST_NAME = 50
_LINES = 20

Tables = tuple[dict[str, str], ...]


@asynccontextmanager
async def own_databases(
    environment: Environment, own: Apart, workers: int
) -> AsyncIterator[Tables]:
    """Yield the variables of each worker, by which it finds databases of its own.

    Raises ``EnvironmentFailure`` where a server makes none.
    """
    tables: Tables = tuple({} for _ in range(workers))
    urls = {name: environment.exports[f"{variable_prefix(name)}_URL"] for name in own.cloned}
    for service in own.numbered:
        url = environment.exports[f"{variable_prefix(service)}_URL"]
        for number, table in enumerate(tables, 1):
            table |= _replaced(environment.exports, url, with_database(url, str(number)))
    try:
        for service, url in urls.items():
            await _sql(environment, service, _cloning(database_of(url), workers))
            for number, table in enumerate(tables):
                mine = with_database(url, _name(database_of(url), number))
                table |= _replaced(environment.exports, url, mine)
        yield tables
    finally:
        for service, url in urls.items():
            await _sql(environment, service, _dropping(database_of(url), workers), fails=False)


def _replaced(exports: Mapping[str, str], url: str, mine: str) -> dict[str, str]:
    return {
        name: mine + value.removeprefix(url)
        for name, value in exports.items()
        if value == url or value.startswith(f"{url}?")
    }


def _name(database: str, number: int) -> str:
    return f"{database[:_LONGEST_NAME]}_gw{number}"


def _cloning(database: str, workers: int) -> str:
    """Return SQL that clones a database; one that somebody is connected to is never cloned."""
    made = (
        f"CREATE DATABASE {_quoted(_name(database, number))} TEMPLATE {_quoted(database)};"
        for number in range(workers)
    )
    return "\n".join((_dropping(database, workers), _sent_away([database]), *made))


def _dropping(database: str, workers: int) -> str:
    names = [_name(database, number) for number in range(workers)]
    drops = (f"DROP DATABASE IF EXISTS {_quoted(name)};" for name in names)
    return "\n".join((_sent_away(names), *drops))


def _sent_away(databases: Iterable[str]) -> str:
    literals = ", ".join("'" + name.replace("'", "''") + "'" for name in databases)
    return (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname IN ({literals}) AND pid <> pg_backend_pid();"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _sql(environment: Environment, service: str, text: str, *, fails: bool = True) -> None:
    done = await environment.ask(service, ("sh", "-c", _PSQL), text)
    if fails and not done.ok:
        raise EnvironmentFailure(
            f"{service} made no databases for the workers of the tests",
            mend="mend what it says below, or set parallel = false in seatrial.toml",
            detail=tuple((done.out + done.err).splitlines()[-_LINES:]),
        )
