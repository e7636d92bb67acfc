"""The running service on a real database."""

from __future__ import annotations

from typing import Any

import httpx2
import psycopg

from @{package}.migrate import MIGRATIONS

Database = psycopg.Connection[tuple[Any, ...]]


def test_is_healthy(api: httpx2.Client) -> None:
    assert api.get("/health").json() == {"status": "ok"}


def test_every_migration_was_run(database: Database) -> None:
    names = [name for (name,) in database.execute("SELECT name FROM migrations ORDER BY name")]
    assert names == sorted(path.name for path in MIGRATIONS.glob("*.sql"))


def test_a_note_is_kept_in_the_database(api: httpx2.Client, database: Database) -> None:
    note = api.post("/notes", json={"title": "Milk", "text": "two litres"}).json()
    kept = database.execute("SELECT title, text FROM notes WHERE id = %s", (note["id"],))
    assert kept.fetchone() == ("Milk", "two litres")
    assert api.get(f"/notes/{note['id']}").json() == note


def test_a_removed_note_is_gone_from_the_database(api: httpx2.Client, database: Database) -> None:
    number = api.post("/notes", json={"title": "Milk"}).json()["id"]
    assert api.delete(f"/notes/{number}").status_code == 204
    kept = database.execute("SELECT count(*) FROM notes WHERE id = %s", (number,))
    assert kept.fetchone() == (0,)
    assert api.get(f"/notes/{number}").status_code == 404


def test_text_is_kept_as_it_was_written(api: httpx2.Client) -> None:
    text = "Grüße, 'quotes'; -- 100 %s {braces}\n"
    note = api.post("/notes", json={"title": "Odd", "text": text}).json()
    assert api.get(f"/notes/{note['id']}").json()["text"] == text


def test_what_the_database_cannot_keep_is_refused(api: httpx2.Client) -> None:
    assert api.post("/notes", json={"title": "Zero", "text": "\0"}).status_code == 422
