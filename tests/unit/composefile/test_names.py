from __future__ import annotations

from seatrial.composefile.names import clashing_names
from tests.unit.composefile.conftest import Load


def test_names_without_the_instance_are_listed_with_their_place(load_text: Load) -> None:
    project = load_text(
        """
        services:
          db:
            image: x
            container_name: mydb
            ports: ["8000:80", "127.0.0.1:53:53/udp"]
        networks:
          net: {name: shared}
        volumes:
          data: {name: data}
        """
    )
    found = clashing_names(project, "abc")
    assert [(one.kind, one.name, one.owner, one.where.line) for one in found] == [
        ("container", "mydb", "db", 5),
        ("network", "shared", "net", 8),
        ("volume", "data", "data", 10),
        ("port", "8000/tcp", "db", 6),
        ("port", "127.0.0.1:53/udp", "db", 6),
    ]


def test_names_with_the_instance_and_free_ports_do_not_clash(load_text: Load) -> None:
    project = load_text(
        """
        services:
          db: {image: x, container_name: "db-$ID", ports: ["80", "0:81", "8000-8010:82"]}
        networks: {net: {name: "net-$ID"}, plain: {}, theirs: {external: true, name: theirs}}
        volumes: {data: {name: "data-$ID"}}
        """,
        {"ID": "abc"},
    )
    assert clashing_names(project, "abc") == ()


def test_an_empty_instance_keeps_nothing_apart(load_text: Load) -> None:
    project = load_text("services: {db: {image: x, container_name: db-}}")
    assert [one.name for one in clashing_names(project, "")] == ["db-"]
