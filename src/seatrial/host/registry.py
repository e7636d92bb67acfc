"""A registry of images, over HTTP: which tags it has, what they point to, and tags set anew.

No layer of an image goes this way: they are pushed by whoever built them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from seatrial.errors import EnvironmentFailure
from seatrial.host.logins import Login, login_of
from seatrial.host.registry_names import HUB, is_loopback
from seatrial.host.registry_wire import Answer, Wire

_HUB_LOGIN = "https://index.docker.io/v1/"
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
_CHALLENGE = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s",]+))')
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
        kinds = (_within(entry, "annotations").get(_REFERENCE) for entry in self.entries())
        return "attestation-manifest" in kinds

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield what a list of manifests lists; nothing for any other."""
        found = self.document().get("manifests")
        for entry in found if isinstance(found, list) else ():
            if isinstance(entry, dict):
                yield entry


class Registry:
    """One registry, seen by one user. Every method raises ``EnvironmentFailure`` where it is down,
    refuses the login, or answers with an error; safe to use from several threads.
    """

    def __init__(
        self, host: str, environment: Mapping[str, str], *, insecure: bool = False
    ) -> None:
        """``insecure`` is for a registry that has no TLS, or a certificate that nobody vouches for;
        one on loopback may always be so.
        """
        self.host = host
        self._environment = environment
        self._login: Login | None = None
        self._asked_login = False
        self._tokens: dict[str, str] = {}
        self._wire = Wire(host, insecure=insecure or is_loopback(host))

    def ping(self) -> None:
        """Return when it answers, whatever it says."""
        self._wire.send("GET", f"{self._wire.base}/v2/", {}, None)

    def tags(self, repository: str) -> tuple[str, ...]:
        """Return all tags of ``repository``; none where there is no such repository."""
        found: dict[str, None] = {}
        url = f"{self._wire.base}/v2/{repository}/tags/list?n=1000"
        seen: set[str] = set()
        while url not in seen:
            seen.add(url)
            answer = self._ask("GET", url, repository)
            if answer is None and len(seen) == 1:
                return ()
            if answer is None:
                break
            page = _object(answer.body, "a list of tags").get("tags")
            found |= dict.fromkeys(map(str, page if isinstance(page, list) else ()))
            following = _NEXT.search(answer.link)
            if following is None:
                return tuple(found)
            url = urljoin(url, following[1])
        # With tags missing, the newest version might be among them: a guess would move tags back.
        raise EnvironmentFailure(
            f"the registry {self.host} lists the tags of {repository} without an end",
            mend="a page is there twice, or one is missing; look at the registry's own log",
        )

    def manifest(self, repository: str, reference: str) -> Manifest | None:
        """Return what a tag or digest names; ``None`` where there is no such thing."""
        url = f"{self._wire.base}/v2/{repository}/manifests/{reference}"
        answer = self._ask("GET", url, repository, {"Accept": ", ".join(_KINDS)})
        if answer is None:
            return None
        return Manifest(self._digest(repository, reference, answer.body), answer.kind, answer.body)

    def _digest(self, repository: str, reference: str, body: bytes) -> str:
        """Return the digest of a content; raise where ``reference`` is one, and another."""
        digest = f"sha256:{sha256(body).hexdigest()}"
        if reference.startswith("sha256:") and reference != digest:
            raise EnvironmentFailure(
                f"the registry {self.host} gave {digest} for {repository}@{reference}",
                mend="its storage is spoilt, or something between here and it changes answers",
            )
        return digest

    def labels(self, repository: str, manifest: Manifest) -> dict[str, str]:
        """Return the labels of an image; of several platforms those of the first."""
        for entry in manifest.entries():
            if _within(entry, "platform").get("os") != "unknown":
                inner = self.manifest(repository, str(entry.get("digest")))
                return self.labels(repository, inner) if inner else {}
        config = _within(manifest.document(), "config").get("digest")
        url = f"{self._wire.base}/v2/{repository}/blobs/{config}"
        answer = self._ask("GET", url, repository) if config else None
        if not answer:
            return {}
        # What is built anew is decided by these words: they must be those of the image.
        self._digest(repository, str(config), answer.body)
        settings = _within(_object(answer.body, "a configuration"), "config")
        return {name: str(text) for name, text in _within(settings, "Labels").items()}

    def put(self, repository: str, tag: str, manifest: Manifest) -> None:
        """Let ``tag`` point to ``manifest``, whose parts the repository has already."""
        url = f"{self._wire.base}/v2/{repository}/manifests/{tag}"
        headers = {"Content-Type": manifest.kind}
        if self._ask("PUT", url, repository, headers, manifest.body, push=True) is None:
            raise EnvironmentFailure(f"the registry {self.host} has no {repository} any more")

    def check_push(self, repository: str) -> None:
        """Begin an upload and give it up: who may not push learns it before anything is built.

        Raises ``EnvironmentFailure``, too, where the registry makes no repository by a push.
        """
        url = f"{self._wire.base}/v2/{repository}/blobs/uploads/"
        answer = self._ask("POST", url, repository, {"Content-Length": "0"}, b"", push=True)
        if answer is None:
            raise EnvironmentFailure(
                f"the registry {self.host} has no repository {repository}",
                mend="make it there first, or the project that it is in: a push does not",
            )
        if answer.location:
            with suppress(EnvironmentFailure):
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
    ) -> Answer | None:
        """Return the answer, ``None`` for 404; log in where the registry asks for it."""
        scope = f"repository:{repository}:{'pull,push' if push else 'pull'}"
        sent = dict(headers or {})
        # A registry may lead elsewhere, or to itself without TLS: no login goes there.
        at_home = self._wire.at_home(url)
        if at_home and scope in self._tokens:
            sent["Authorization"] = self._tokens[scope]
        answer = self._wire.send(method, url, sent, body)
        wanted = answer.code == 401 and at_home
        if wanted and (word := self._authorization(answer.challenges, scope)):
            self._tokens[scope] = word
            answer = self._wire.send(method, url, {**sent, "Authorization": word}, body)
        if answer.code == 404:
            return None
        if answer.code in (401, 403) and not push and self._login is not None:
            # Of a repository that is not there yet some say so only to who may make it.
            with suppress(EnvironmentFailure):
                return self._ask(method, url, repository, headers, body, push=True)
        if answer.code in (401, 403):
            raise self._refused(repository, push, answer)
        if answer.code >= 400:
            raise EnvironmentFailure(
                f"the registry {self.host} answered {answer.code} for {repository}",
                mend="look at the registry's own log",
                detail=_said(answer.body),
            )
        return answer

    def _authorization(self, challenges: tuple[str, ...], scope: str) -> str:
        """Return the header that the registry asks for; empty where we have nothing to give."""
        if not self._asked_login:
            server = _HUB_LOGIN if self.host == HUB else self.host
            self._login, self._asked_login = login_of(server, self._environment), True
        login = self._login
        tokens = [one for one in challenges if one.lower().startswith("bearer")]
        if not tokens:
            return login.basic if challenges and login and login.user else ""
        # Of another way of login in the same line, what comes first is of this one.
        found = reversed(_CHALLENGE.findall(tokens[0]))
        given = {name: quoted or bare for name, quoted, bare in found}
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
        url = realm if data else f"{realm}{'&' if urlsplit(realm).query else '?'}{urlencode(words)}"
        answer = self._wire.send("POST" if data else "GET", url, headers, data)
        if answer.code >= 400:
            return ""
        token = _object(answer.body, "a token")
        word = token.get("token") or token.get("access_token")
        return f"Bearer {word}" if word else ""

    def _may_have_login(self, realm: str) -> bool:
        """Return whether a password may go to where the registry hands out its tokens."""
        place = urlsplit(realm)
        near = is_loopback(place.netloc) or (self._wire.plain and place.netloc == self.host)
        return place.scheme == "https" or (place.scheme == "http" and near)

    def _refused(self, repository: str, push: bool, answer: Answer) -> EnvironmentFailure:
        what = "push to" if push else "read"
        if self._login is None:
            said = f"the registry {self.host} wants a login to {what} {repository}"
        else:
            said = f"the registry {self.host} does not let this login {what} {repository}"
        server = "" if self.host == HUB else f" {self.host}"
        # A full store or a rule of the owner's is told here, too, and no login helps against it.
        return EnvironmentFailure(said, mend=f"docker login{server}", detail=_said(answer.body))


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


def _said(body: bytes) -> tuple[str, ...]:
    """Return what a registry says about an error: its messages, or the first lines of any text."""
    text = body.decode(errors="replace")
    with suppress(ValueError, AttributeError, TypeError):
        errors = [one for one in json.loads(text).get("errors") if isinstance(one, dict)]
        return tuple(f"{one.get('code')}: {one.get('message')}" for one in errors[:5])
    return tuple(text.splitlines()[:5])


def _within(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object that ``document`` has as ``key``; an empty one where it has none."""
    found = document.get(key)
    return found if isinstance(found, dict) else {}
