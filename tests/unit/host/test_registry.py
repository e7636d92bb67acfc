"""The HTTP of registries: a real one, and one that trades tokens as the large ones do."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from seatrial.errors import EnvironmentFailure
from seatrial.host.logins import Login, login_of
from seatrial.host.registry import Manifest, Registry
from seatrial.host.registry_names import is_insecure, is_loopback, split_repository
from seatrial.host.registry_wire import Wire
from tests.support.registry import PASSWORD, USER, Shelf, docker_config, shelf

INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("registry.example.com/a/b", ("registry.example.com", "a/b")),
        ("localhost:5000/a", ("localhost:5000", "a")),
        ("localhost/a", ("localhost", "a")),
        ("team/app", ("docker.io", "team/app")),
        ("docker.io/team/app", ("docker.io", "team/app")),
        ("postgres", ("docker.io", "library/postgres")),
    ],
)
def test_names_are_read_as_docker_reads_them(name: str, parts: tuple[str, str]) -> None:
    assert split_repository(name) == parts


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost:5000", True),
        ("127.0.0.1:5000", True),
        ("127.9.9.9", True),
        ("[::1]:5000", True),
        ("localhost.example.com", False),
        ("10.0.0.1:5000", False),
    ],
)
def test_this_machine_is_told_from_others(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


class TestWhatTheEngineSays:
    @pytest.fixture
    def environment(self, tmp_path: Path) -> dict[str, str]:
        docker = tmp_path / "docker"
        entries = {"registry.lan:5000": {"Secure": False}, "10.1.0.9": {"Secure": True}}
        said = {"InsecureRegistryCIDRs": ["::1/128", "10.1.0.0/16"], "IndexConfigs": entries}
        docker.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\n")
        docker.chmod(0o755)
        return {"PATH": str(tmp_path)}

    @pytest.mark.parametrize("host", ["registry.lan:5000", "10.1.2.3:5000", "10.1.2.3"])
    def test_makes_registries_insecure_by_name_or_network(
        self, environment: dict[str, str], host: str
    ) -> None:
        assert is_insecure(host, environment)
        assert not is_insecure(host, {"PATH": "/nonexistent"})

    @pytest.mark.parametrize("host", ["10.1.0.9", "10.2.0.1", "no-such-host.invalid", "docker.io"])
    def test_makes_no_others_so(self, environment: dict[str, str], host: str) -> None:
        assert not is_insecure(host, environment)

    def test_is_not_needed_for_this_machine(self) -> None:
        assert is_insecure("127.0.0.1:5000", {})

    @pytest.mark.parametrize("said", ["null", "[]", "", '{"IndexConfigs": null}'])
    def test_may_be_nothing(self, tmp_path: Path, said: str) -> None:
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\necho '{said}'\n")
        docker.chmod(0o755)
        assert not is_insecure("registry.lan:5000", {"PATH": str(tmp_path)})


@pytest.mark.engine
class TestARealOne:
    @pytest.fixture
    def harbour(self, tmp_path: Path) -> Iterator[Shelf]:
        with shelf(tmp_path, login=False) as one:
            yield one

    def test_keeps_tags_byte_for_byte(self, harbour: Shelf) -> None:
        registry = Registry(harbour.address, {})
        assert registry.tags("fleet/api") == ()
        assert registry.manifest("fleet/api", "1.0.0") is None
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()
        digest = f"sha256:{sha256(body).hexdigest()}"
        registry.check_push("fleet/api")
        registry.put("fleet/api", "1.0.0", Manifest(digest, INDEX, body))
        registry.put("fleet/api", "latest", Manifest(digest, INDEX, body))
        found = registry.manifest("fleet/api", "latest")
        assert found is not None
        assert (found.digest, found.body) == (digest, body)
        assert set(registry.tags("fleet/api")) == {"1.0.0", "latest"}
        assert registry.labels("fleet/api", found) == {}

    def test_asks_for_a_login(self, tmp_path: Path) -> None:
        with shelf(tmp_path, login=True) as harbour:
            with pytest.raises(EnvironmentFailure, match="wants a login") as caught:
                Registry(harbour.address, {}).tags("fleet/api")
            assert caught.value.mend == f"docker login {harbour.address}"
            own = docker_config(tmp_path / "own", **{harbour.address: (USER, PASSWORD)})
            assert Registry(harbour.address, {"DOCKER_CONFIG": str(own)}).tags("fleet/api") == ()

    def test_with_a_certificate_of_its_own_is_asked_as_docker_asks_it(self, tmp_path: Path) -> None:
        with shelf(tmp_path, login=True, tls=True) as harbour:
            own = docker_config(tmp_path / "own", **{harbour.address: (USER, PASSWORD)})
            registry = Registry(harbour.address, {"DOCKER_CONFIG": str(own)})
            registry.check_push("fleet/api")
            assert registry.tags("fleet/api") == ()
            with pytest.raises(EnvironmentFailure, match="not trusted here: self") as caught:
                Wire(harbour.address, insecure=False).send(
                    "GET", f"https://{harbour.address}/v2/", {}, None
                )
            assert f"certs.d/{harbour.address}/ca.crt" in caught.value.mend

    def test_may_come_up_later_without_tls(self, tmp_path: Path) -> None:
        harbour = Shelf(tmp_path)
        registry = Registry(harbour.address, {})
        with pytest.raises(EnvironmentFailure, match="connection refused"):
            registry.ping()
        harbour.start()
        try:
            registry.ping()
        finally:
            harbour.stop()

    def test_is_down_after_its_end(self, harbour: Shelf) -> None:
        registry = Registry(harbour.address, {})
        registry.ping()
        harbour.stop()
        with pytest.raises(EnvironmentFailure, match="does not answer: connection refused"):
            registry.ping()


Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], Answer]], str]]:
    """Serve what a function answers; return the address."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], Answer]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self.sent = self.rfile.read(length)
                code, headers, body = answer(self)
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Keep still."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # At the end of each test it is waited for until it has looked once more.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return f"127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


Serve = Callable[[Callable[[BaseHTTPRequestHandler], Answer]], str]


class TestTokens:
    def test_are_fetched_with_the_login_for_what_is_to_be_done(
        self, serve: Serve, tmp_path: Path
    ) -> None:
        asked: list[tuple[str, str]] = []

        def answer(request: BaseHTTPRequestHandler) -> Answer:
            parts = urlsplit(request.path)
            given = request.headers.get("Authorization", "")
            if parts.path == "/token":
                asked.append((given, parse_qs(parts.query)["scope"][0]))
                return 200, {}, b'{"token": "short-lived"}'
            if given == "Bearer short-lived":
                return 200, {}, b'{"tags": ["1.0.0"]}'
            realm = f'Bearer realm="http://{request.headers["Host"]}/token",service="s"'
            return 401, {"WWW-Authenticate": realm}, b"{}"

        host = serve(answer)
        own = docker_config(tmp_path, **{host: (USER, PASSWORD)})
        registry = Registry(host, {"DOCKER_CONFIG": str(own)})
        assert registry.tags("fleet/api") == ("1.0.0",)
        assert registry.tags("fleet/api") == ("1.0.0",)
        assert asked == [(Login(USER, PASSWORD).basic, "repository:fleet/api:pull")]
        registry.check_push("fleet/api")
        assert asked[1][1] == "repository:fleet/api:pull,push"

    @pytest.mark.parametrize(
        "challenge",
        [
            'Bearer realm="http://{host}/token?account=a",service="s"',
            "Bearer realm=http://{host}/token,service=s",
            'Bearer realm="http://{host}/token",service="s", Basic realm="other"',
        ],
    )
    def test_are_asked_for_however_a_registry_says_where(
        self, serve: Serve, tmp_path: Path, challenge: str
    ) -> None:
        def answer(request: BaseHTTPRequestHandler) -> Answer:
            parts = urlsplit(request.path)
            if parts.path == "/token":
                asked = parse_qs(parts.query)
                good = (asked["service"], asked["scope"]) == (["s"], ["repository:a:pull"])
                return (200 if good else 400), {}, b'{"access_token": "short-lived"}'
            if request.headers.get("Authorization") == "Bearer short-lived":
                return 200, {}, b'{"tags": ["1.0.0"]}'
            said = challenge.format(host=request.headers["Host"])
            return 401, {"WWW-Authenticate": said}, b"{}"

        host = serve(answer)
        own = docker_config(tmp_path, **{host: (USER, PASSWORD)})
        assert Registry(host, {"DOCKER_CONFIG": str(own)}).tags("a") == ("1.0.0",)

    def test_that_end_early_are_fetched_again(self, serve: Serve) -> None:
        """A build takes longer than most tokens last."""
        given: list[str] = []

        def answer(request: BaseHTTPRequestHandler) -> Answer:
            if request.path.startswith("/token"):
                given.append(f"token-{len(given)}")
                return 200, {}, json.dumps({"token": given[-1]}).encode()
            if given and request.headers.get("Authorization") == f"Bearer {given[-1]}":
                return 200, {}, b'{"tags": ["1.0.0"]}'
            realm = f'Bearer realm="http://{request.headers["Host"]}/token"'
            return 401, {"WWW-Authenticate": realm}, b"{}"

        registry = Registry(serve(answer), {})
        assert registry.tags("a") == ("1.0.0",)
        given.append("the one before has ended")
        assert registry.tags("a") == ("1.0.0",)
        assert len(given) == 3

    def test_for_pushing_tell_what_others_keep_from_who_only_reads(
        self, serve: Serve, tmp_path: Path
    ) -> None:
        """Some registries refuse to read what is not there, and let who may push make it."""

        def answer(request: BaseHTTPRequestHandler) -> Answer:
            parts = urlsplit(request.path)
            if parts.path == "/token":
                scope = parse_qs(parts.query)["scope"][0]
                return 200, {}, json.dumps({"token": scope.rpartition(":")[2]}).encode()
            given = request.headers.get("Authorization", "")
            if not given:
                realm = f'Bearer realm="http://{request.headers["Host"]}/token"'
                return 401, {"WWW-Authenticate": realm}, b"{}"
            return (404 if given == "Bearer pull,push" else 403), {}, b"{}"

        host = serve(answer)
        own = docker_config(tmp_path, **{host: (USER, PASSWORD)})
        assert Registry(host, {"DOCKER_CONFIG": str(own)}).tags("fleet/new") == ()
        with pytest.raises(EnvironmentFailure, match="wants a login"):
            Registry(host, {}).tags("fleet/new")

    @pytest.mark.parametrize(
        "realm", ["ftp://{place}/x", "http://auth.invalid/{place}", "file:///etc/passwd", ""]
    )
    def test_are_not_fetched_from_anywhere_in_plain_text(
        self, serve: Serve, tmp_path: Path, realm: str
    ) -> None:
        """Who asks for a login may not send us, with the password, to whom they like."""
        asked: list[str] = []

        def thief(request: BaseHTTPRequestHandler) -> Answer:
            asked.append(request.headers.get("Authorization", ""))
            return 200, {}, b'{"token": "t"}'

        place = serve(thief)

        def answer(_: BaseHTTPRequestHandler) -> Answer:
            return 401, {"WWW-Authenticate": f'Bearer realm="{realm.format(place=place)}"'}, b"{}"

        host = serve(answer)
        own = docker_config(tmp_path, **{host: (USER, PASSWORD)})
        with pytest.raises(EnvironmentFailure, match="does not let this login"):
            Registry(host, {"DOCKER_CONFIG": str(own)}).tags("fleet/api")
        assert asked == []


class TestAnswers:
    def test_a_redirect_to_another_place_goes_without_the_login(
        self, serve: Serve, tmp_path: Path
    ) -> None:
        seen: list[str | None] = []

        def store(request: BaseHTTPRequestHandler) -> Answer:
            seen.append(request.headers.get("Authorization"))
            return 200, {}, b'{"tags": ["1.0.0"]}'

        elsewhere = serve(store)

        def answer(request: BaseHTTPRequestHandler) -> Answer:
            if request.headers.get("Authorization"):
                return 307, {"Location": f"http://{elsewhere}/x"}, b""
            return 401, {"WWW-Authenticate": "Basic realm=r"}, b""

        host = serve(answer)
        own = docker_config(tmp_path, **{host: (USER, PASSWORD)})
        assert Registry(host, {"DOCKER_CONFIG": str(own)}).tags("a") == ("1.0.0",)
        assert seen == [None]

    def test_what_leads_elsewhere_gets_no_login(self, serve: Serve, tmp_path: Path) -> None:
        seen: list[str | None] = []

        def thief(request: BaseHTTPRequestHandler) -> Answer:
            seen.append(request.headers.get("Authorization"))
            return 401, {"WWW-Authenticate": "Basic realm=r"}, b""

        elsewhere = serve(thief)

        def answer(request: BaseHTTPRequestHandler) -> Answer:
            if request.headers.get("Authorization"):
                return 202, {"Location": f"http://{elsewhere}/v2/a/blobs/uploads/1"}, b""
            return 401, {"WWW-Authenticate": "Basic realm=r"}, b""

        host = serve(answer)
        own = docker_config(tmp_path, **{host: (USER, PASSWORD)})
        Registry(host, {"DOCKER_CONFIG": str(own)}).check_push("a")
        assert seen == [None]

    def test_all_pages_of_tags_are_read(self, serve: Serve) -> None:
        def answer(request: BaseHTTPRequestHandler) -> Answer:
            if "last=b" in request.path:
                return 200, {}, b'{"tags": ["c"]}'
            return 200, {"Link": '</v2/a/tags/list?last=b>; rel="next"'}, b'{"tags": ["a", "b"]}'

        assert Registry(serve(answer), {}).tags("a") == ("a", "b", "c")

    def test_however_many_pages_there_are(self, serve: Serve) -> None:
        """A tag that is not seen may be the newest version, behind which latest would go back."""

        def answer(request: BaseHTTPRequestHandler) -> Answer:
            at = int(parse_qs(urlsplit(request.path).query).get("last", ["0"])[0])
            link = {"Link": f'</v2/a/tags/list?last={at + 1}>; rel="next"'} if at < 149 else {}
            return 200, link, json.dumps({"tags": [f"{at}.0.0"]}).encode()

        assert Registry(serve(answer), {}).tags("a") == tuple(f"{at}.0.0" for at in range(150))

    @pytest.mark.parametrize("second", [200, 404])
    def test_pages_that_have_no_end_are_an_error(self, serve: Serve, second: int) -> None:
        def answer(request: BaseHTTPRequestHandler) -> Answer:
            link = {"Link": '</v2/a/tags/list?last=a>; rel="next"'}
            return (second if "last=a" in request.path else 200), link, b'{"tags": ["a"]}'

        host = serve(answer)
        with pytest.raises(EnvironmentFailure, match="lists the tags of a without an end"):
            Registry(host, {}).tags("a")

    @pytest.mark.parametrize(
        ("body", "what"),
        [(b"<html>", "is not a list of tags"), (b"[]", "is not a list of tags")],
    )
    def test_what_is_no_registry_is_said(self, serve: Serve, body: bytes, what: str) -> None:
        with pytest.raises(EnvironmentFailure, match=what):
            Registry(serve(lambda _: (200, {}, body)), {}).tags("a")

    @pytest.mark.parametrize(
        "body",
        [
            b'{"tags": 5, "manifests": 5, "config": []}',
            b'{"tags": null, "manifests": ["x", {"annotations": [], "platform": 1}], "config": 1}',
        ],
    )
    def test_what_is_odd_within_says_nothing(self, serve: Serve, body: bytes) -> None:
        registry = Registry(serve(lambda _: (200, {}, body)), {})
        assert registry.tags("a") == ()
        found = registry.manifest("a", "1.0.0")
        assert found is not None
        assert not found.attested

    def test_labels_that_are_not_those_of_the_image_are_refused(self, serve: Serve) -> None:
        manifest = json.dumps({"config": {"digest": "sha256:" + "0" * 64}}).encode()
        labels = b'{"config": {"Labels": {"revision": "forged"}}}'
        host = serve(lambda r: (200, {}, labels if "blobs" in r.path else manifest))
        registry = Registry(host, {})
        found = registry.manifest("a", "1.0.0")
        assert found is not None
        with pytest.raises(EnvironmentFailure, match="gave sha256:"):
            registry.labels("a", found)

    def test_a_registry_that_makes_no_repository_says_so_before_a_build(self, serve: Serve) -> None:
        host = serve(lambda _: (404, {}, b"{}"))
        with pytest.raises(EnvironmentFailure, match="has no repository fleet/api") as caught:
            Registry(host, {}).check_push("fleet/api")
        assert "make it there first" in caught.value.mend

    def test_an_error_of_the_registry_is_shown(self, serve: Serve) -> None:
        host = serve(lambda _: (503, {}, b"the crane is broken"))
        with pytest.raises(EnvironmentFailure, match="answered 503 for a") as caught:
            Registry(host, {}).tags("a")
        assert caught.value.detail == ("the crane is broken",)

    def test_a_refusal_is_told_in_the_words_of_the_registry(self, serve: Serve) -> None:
        body = b'{"errors": [{"code": "DENIED", "message": "the hold is full"}, 7]}'
        host = serve(lambda _: (403, {}, body))
        with pytest.raises(EnvironmentFailure, match="wants a login to push to a") as caught:
            Registry(host, {}).check_push("a")
        assert caught.value.detail == ("DENIED: the hold is full",)

    def test_content_that_is_not_what_its_digest_says_is_refused(self, serve: Serve) -> None:
        host = serve(lambda _: (200, {}, b"{}"))
        with pytest.raises(EnvironmentFailure, match="gave sha256:"):
            Registry(host, {}).manifest("a", "sha256:" + "0" * 64)


class TestLogins:
    def test_are_found_as_docker_login_keeps_them(self, tmp_path: Path) -> None:
        own = docker_config(tmp_path, **{"a.example.com": ("me", "pw:with:colons")})
        environment = {"DOCKER_CONFIG": str(own)}
        assert login_of("a.example.com", environment) == Login("me", "pw:with:colons")
        assert login_of("b.example.com", environment) is None

    def test_are_asked_of_a_helper(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text(
            '{"credHelpers": {"a.example.com": "fake"}, "credsStore": "missing"}'
        )
        helper = tmp_path / "docker-credential-fake"
        helper.write_text(
            '#!/bin/sh\nread server\n[ "$1 $server" = "get a.example.com" ] || exit 1\n'
            'echo \'{"Username": "<token>", "Secret": "s3cret"}\'\n'
        )
        helper.chmod(0o755)
        path = f"{tmp_path}:/usr/bin:/bin"
        environment = {"DOCKER_CONFIG": str(tmp_path), "PATH": path}
        found = login_of("a.example.com", environment)
        assert found == Login(token="s3cret")
        assert "s3cret" not in repr(found)
        assert login_of("b.example.com", environment) is None

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{",
            '{"auths": []}',
            '{"auths": {"a": {"auth": "%%%"}}}',
            '{"auths": {"a": 1}}',
        ],
    )
    def test_a_file_that_says_nothing_is_no_login(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "config.json").write_text(text)
        assert login_of("a", {"DOCKER_CONFIG": str(tmp_path)}) is None

    def test_the_header_is_that_of_basic(self) -> None:
        assert base64.b64decode(Login("a", "b").basic.removeprefix("Basic ")) == b"a:b"
