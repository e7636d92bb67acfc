"""A registry of images, over HTTP: which tags it has, what they point to, and tags set anew.

No layer of an image goes this way: they are pushed by whoever built them.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from seatrial.errors import EnvironmentFailure
from seatrial.host.logins import Login, login_of
from seatrial.host.registry_names import HUB, is_loopback

_SECONDS = 30.0
# No manifest, list of tags or configuration is near this many bytes.
_MOST = 8 * 1024 * 1024
_PAGES = 100
_HUB_API = "registry-1.docker.io"
_HUB_LOGIN = "https://index.docker.io/v1/"
_CERTIFICATES = Path("/etc/docker/certs.d")
_LISTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_KINDS = (
    *_LISTS,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_REFERENCE = "vnd.docker.reference.type"
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a tag points to, byte for byte; ``digest`` is made of these bytes."""

    digest: str
    kind: str
    body: bytes

    def document(self) -> dict[str, Any]:
        """Return it read. Raises ``EnvironmentFailure`` where it is none."""
        return _object(self.body, "a manifest")

    @property
    def attested(self) -> bool:
        """Return whether something is attached: what is inside, or how it was made."""
        entries = self.document().get("manifests") or []
        kinds = ((entry.get("annotations") or {}).get(_REFERENCE) for entry in entries)
        return "attestation-manifest" in kinds


class Registry:
    """One registry, seen by one user. Every method raises ``EnvironmentFailure`` where it is down,
    refuses the login, or answers with an error; safe to use from several threads.
    """

    def __init__(
        self, host: str, environment: Mapping[str, str], *, insecure: bool = False
    ) -> None:
        """``insecure`` is for a registry without TLS; on loopback that is tried by itself."""
        self.host = host
        self._environment = environment
        self._login: Login | None = None
        self._asked_login = False
        self._tokens: dict[str, str] = {}
        self._plain = insecure or is_loopback(host)
        api = _HUB_API if host == HUB else host
        self._base = f"{'http' if self._plain else 'https'}://{api}"
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.HTTPSHandler(context=_trust(host, unverified=is_loopback(host))),
            _Redirects(),
        ]
        if is_loopback(host):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def ping(self) -> None:
        """Return when it answers, whatever it says."""
        self._send("GET", f"{self._base}/v2/", {}, None)

    def tags(self, repository: str) -> tuple[str, ...]:
        """Return all tags of ``repository``; none where there is no such repository."""
        found: list[str] = []
        url = f"{self._base}/v2/{repository}/tags/list?n=1000"
        for _ in range(_PAGES):
            answer = self._ask("GET", url, repository)
            if answer is None:
                break
            found += _object(answer.body, "a list of tags").get("tags") or []
            following = _NEXT.search(answer.link)
            if following is None:
                break
            url = urljoin(url, following[1])
        return tuple(map(str, found))

    def manifest(self, repository: str, reference: str) -> Manifest | None:
        """Return what a tag or digest names; ``None`` where there is no such thing."""
        url = f"{self._base}/v2/{repository}/manifests/{reference}"
        answer = self._ask("GET", url, repository, {"Accept": ", ".join(_KINDS)})
        if answer is None:
            return None
        digest = f"sha256:{sha256(answer.body).hexdigest()}"
        if reference.startswith("sha256:") and reference != digest:
            raise EnvironmentFailure(
                f"the registry {self.host} gave {digest} for {repository}@{reference}",
                mend="its storage is spoilt, or something between here and it changes answers",
            )
        return Manifest(digest, answer.kind, answer.body)

    def labels(self, repository: str, manifest: Manifest) -> dict[str, str]:
        """Return the labels of an image; of several platforms those of the first."""
        document = manifest.document()
        for entry in document.get("manifests") or []:
            if (entry.get("platform") or {}).get("os") != "unknown":
                inner = self.manifest(repository, str(entry.get("digest")))
                return self.labels(repository, inner) if inner else {}
        config = (document.get("config") or {}).get("digest")
        url = f"{self._base}/v2/{repository}/blobs/{config}"
        answer = self._ask("GET", url, repository) if config else None
        if not answer:
            return {}
        settings = _object(answer.body, "a configuration").get("config") or {}
        return dict(settings.get("Labels") or {})

    def put(self, repository: str, tag: str, manifest: Manifest) -> None:
        """Let ``tag`` point to ``manifest``, whose parts the repository has already."""
        url = f"{self._base}/v2/{repository}/manifests/{tag}"
        headers = {"Content-Type": manifest.kind}
        if self._ask("PUT", url, repository, headers, manifest.body, push=True) is None:
            raise EnvironmentFailure(f"the registry {self.host} has no {repository} any more")

    def check_push(self, repository: str) -> None:
        """Begin an upload and give it up: who may not push learns it before anything is built."""
        url = f"{self._base}/v2/{repository}/blobs/uploads/"
        answer = self._ask("POST", url, repository, {"Content-Length": "0"}, b"", push=True)
        if answer is not None and answer.location:
            with _unheard():
                self._ask("DELETE", urljoin(url, answer.location), repository, push=True)

    def _ask(
        self,
        method: str,
        url: str,
        repository: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        push: bool = False,
    ) -> _Answer | None:
        """Return the answer, ``None`` for 404; log in where the registry asks for it."""
        scope = f"repository:{repository}:{'pull,push' if push else 'pull'}"
        sent = dict(headers or {})
        # A registry may lead elsewhere, or to itself without TLS: no login goes there.
        at_home = _place(url) == _place(self._base)
        if at_home and scope in self._tokens:
            sent["Authorization"] = self._tokens[scope]
        answer = self._send(method, url, sent, body)
        wanted = answer.code == 401 and at_home
        if wanted and (word := self._authorization(answer.challenge, scope)):
            self._tokens[scope] = word
            answer = self._send(method, url, {**sent, "Authorization": word}, body)
        if answer.code == 404:
            return None
        if answer.code in (401, 403) and not push and self._login is not None:
            # Of a repository that is not there yet some say so only to who may make it.
            with _unheard():
                return self._ask(method, url, repository, headers, body, push=True)
        if answer.code in (401, 403):
            raise self._refused(repository, push)
        if answer.code >= 400:
            raise EnvironmentFailure(
                f"the registry {self.host} answered {answer.code} for {repository}",
                mend="look at the registry's own log",
                detail=tuple(answer.body.decode(errors="replace").splitlines()[:5]),
            )
        return answer

    def _authorization(self, challenge: str, scope: str) -> str:
        """Return the header that the registry asks for; empty where we have nothing to give."""
        if not self._asked_login:
            server = _HUB_LOGIN if self.host == HUB else self.host
            self._login, self._asked_login = login_of(server, self._environment), True
        login = self._login
        if challenge.lower().startswith("basic"):
            return login.basic if login and login.user else ""
        given = dict(_CHALLENGE.findall(challenge))
        realm = given.get("realm", "")
        if not self._may_have_login(realm):
            return ""
        words = {"service": given.get("service", ""), "scope": scope, "client_id": "seatrial"}
        headers: dict[str, str] = {}
        data = None
        if login is not None and login.token:
            trade = {**words, "grant_type": "refresh_token", "refresh_token": login.token}
            data = urlencode(trade).encode()
        elif login is not None:
            headers["Authorization"] = login.basic
        url = realm if data else f"{realm}?{urlencode(words)}"
        answer = self._send("POST" if data else "GET", url, headers, data)
        if answer.code >= 400:
            return ""
        token = _object(answer.body, "a token")
        found = token.get("token") or token.get("access_token")
        return f"Bearer {found}" if found else ""

    def _may_have_login(self, realm: str) -> bool:
        """Return whether a password may go to where the registry hands out its tokens."""
        place = urlsplit(realm)
        near = is_loopback(place.netloc) or (self._plain and place.netloc == self.host)
        return place.scheme == "https" or (place.scheme == "http" and near)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> _Answer:
        request = urllib.request.Request(url, body, dict(headers), method=method)
        try:
            with self._opener.open(request, timeout=_SECONDS) as reply:
                return _Answer.of(reply.status, reply.headers, reply.read(_MOST))
        except urllib.error.HTTPError as error:
            with error:
                return _Answer.of(error.code, error.headers, error.read(_MOST))
        except urllib.error.URLError as error:
            raise self._down(error.reason) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._down(error) from None

    def _down(self, reason: object) -> EnvironmentFailure:
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return EnvironmentFailure(
            f"the registry {self.host} does not answer: {said.lower()}",
            mend="see that its name is right, that it runs and that it is reached from here",
        )

    def _refused(self, repository: str, push: bool) -> EnvironmentFailure:
        what = "push to" if push else "read"
        if self._login is None:
            said = f"the registry {self.host} wants a login to {what} {repository}"
        else:
            said = f"the registry {self.host} does not let this login {what} {repository}"
        server = "" if self.host == HUB else f" {self.host}"
        return EnvironmentFailure(said, mend=f"docker login{server}")


@dataclass(frozen=True, slots=True)
class _Answer:
    code: int
    kind: str
    challenge: str
    link: str
    location: str
    body: bytes

    @classmethod
    def of(cls, code: int, headers: Any, body: bytes) -> _Answer:
        def said(name: str) -> str:
            return str(headers.get(name) or "")

        kind, challenge = said("Content-Type"), said("WWW-Authenticate")
        return cls(code, kind, challenge, said("Link"), said("Location"), body)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to where a registry keeps its parts, and leaves the login at the registry."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and _place(newurl) != _place(req.full_url):
            new.remove_header("Authorization")
        return new


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _trust(host: str, *, unverified: bool) -> ssl.SSLContext:
    """Return whom to trust: what the system does, and what docker was told for this registry."""
    context = ssl.create_default_context()
    for file in sorted((_CERTIFICATES / host).glob("*.crt")):
        with _unheard():
            context.load_verify_locations(file)
    if unverified:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _object(body: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise EnvironmentFailure(
            f"the registry's answer is not {what}", mend="is it a registry of images at all?"
        )
    return found


def _unheard() -> Any:
    from contextlib import suppress

    return suppress(EnvironmentFailure, OSError, ssl.SSLError)
