"""The line to one registry: with TLS or without it, whom to trust, and what comes back."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from seatrial.errors import EnvironmentFailure
from seatrial.host.registry_names import HUB, is_loopback

_SECONDS = 30.0
# A registry that may be without TLS is first asked with it; a wall that swallows the question must
# not hold up the second one for long.
_TRY_SECONDS = 10.0
# No manifest, list of tags or configuration is near this many bytes.
_MOST = 8 * 1024 * 1024
_HUB_API = "registry-1.docker.io"
_CERTIFICATES = Path("/etc/docker/certs.d")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a registry answered; ``challenges`` are the ways in which it wants a login."""

    code: int
    kind: str
    challenges: tuple[str, ...]
    link: str
    location: str
    body: bytes

    @classmethod
    def of(cls, code: int, headers: Any, body: bytes) -> Answer:
        """Return it from the parts of HTTP."""

        def said(name: str) -> str:
            return str(headers.get(name) or "")

        challenges = tuple(map(str, headers.get_all("WWW-Authenticate") or ()))
        return cls(code, said("Content-Type"), challenges, said("Link"), said("Location"), body)


class Wire:
    """Sends what a registry is asked. With ``insecure`` no certificate is looked at, and where the
    registry has no TLS it is asked without, as docker does it. Safe to use from several threads.
    """

    def __init__(self, host: str, *, insecure: bool) -> None:
        self.host = host
        self._insecure = insecure
        self._base = ""
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.HTTPSHandler(context=_trust(host, unverified=insecure)),
            _Redirects(),
        ]
        if is_loopback(host):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    @property
    def base(self) -> str:
        """Return the URL that all others begin with. Raises ``EnvironmentFailure`` where it has to
        be found out and nothing answers.
        """
        # Two threads that find it out at the same time find the same.
        self._base = self._base or self._found()
        return self._base

    @property
    def plain(self) -> bool:
        """Return whether the registry is asked without TLS."""
        return self.base.startswith("http://")

    def at_home(self, url: str) -> bool:
        """Return whether ``url`` is of the registry itself, reached in the same way."""
        return place(url) == place(self.base)

    def _found(self) -> str:
        safe, plain = (
            f"{scheme}://{_HUB_API if self.host == HUB else self.host}"
            for scheme in ("https", "http")
        )
        if self._insecure:
            try:
                self._send("GET", f"{safe}/v2/", {}, None, _TRY_SECONDS)
            except EnvironmentFailure:
                # Nothing is kept of one that answers in neither way: it may be there later.
                self._send("GET", f"{plain}/v2/", {}, None, _SECONDS)
                return plain
        return safe

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Return the answer, whatever its code. Raises ``EnvironmentFailure`` without one."""
        return self._send(method, url, headers, body, _SECONDS)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        request = urllib.request.Request(url, body, dict(headers), method=method)
        try:
            with self._opener.open(request, timeout=seconds) as reply:
                return Answer.of(reply.status, reply.headers, reply.read(_MOST))
        except urllib.error.HTTPError as error:
            with error:
                return Answer.of(error.code, error.headers, error.read(_MOST))
        except urllib.error.URLError as error:
            raise self._down(error.reason) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._down(error) from None

    def _down(self, reason: object) -> EnvironmentFailure:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return EnvironmentFailure(
                f"the registry {self.host} has a certificate that is not trusted here: "
                f"{reason.verify_message}",
                mend=f"put that of its authority into {_CERTIFICATES / self.host}/ca.crt; or list "
                "the registry under insecure-registries in the engine's daemon.json",
            )
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return EnvironmentFailure(
            f"the registry {self.host} does not answer: {said.lower()}",
            mend="see that its name is right, that it runs and that it is reached from here",
        )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to where a registry keeps its parts, and leaves the login at the registry."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and place(newurl) != place(req.full_url):
            new.remove_header("Authorization")
        return new


def place(url: str) -> tuple[str, str]:
    """Return scheme, host and port of a URL. Pure."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _trust(host: str, *, unverified: bool) -> ssl.SSLContext:
    """Return whom to trust: what the system does, and what docker was told for this registry."""
    context = ssl.create_default_context()
    for file in sorted((_CERTIFICATES / host).glob("*.crt")):
        with suppress(OSError):
            context.load_verify_locations(file)
    if unverified:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
