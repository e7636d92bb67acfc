"""``wget`` for health checks, where no real one is: what the one of busybox does with a URL.

Ends with 1 where nothing was got, as that one does. Runs alone; standard library.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from pathlib import Path

_TAKES_VALUE = {"-O": "output", "-T": "timeout", "-t": "tries", "-U": "agent", "-Y": "proxy"}
_LONG = {"--output-document": "output", "--timeout": "timeout", "--tries": "tries"}
_SECONDS = 900.0


def parse(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options by name, and the URLs. Flags may stand together: ``-qO-``."""
    options: dict[str, str] = {}
    urls: list[str] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            if name == "--spider":
                options["spider"] = "yes"
            elif name in _LONG:
                options[_LONG[name]] = value if equals else next(rest, "")
        elif word.startswith("-") and len(word) > 1:
            for i, letter in enumerate(word[1:], 1):
                if (name := _TAKES_VALUE.get(f"-{letter}", "")) != "":
                    options[name] = word[i + 1 :] or next(rest, "")
                    break
        else:
            urls.append(word)
    return options, urls


def get(url: str, options: dict[str, str]) -> None:
    """Get ``url``. Raises ``OSError`` where it cannot be had."""
    address = url if "://" in url else f"http://{url}"
    method = "HEAD" if "spider" in options else "GET"
    asked = urllib.request.Request(address, method=method)
    seconds = float(options.get("timeout") or _SECONDS)
    with urllib.request.urlopen(asked, timeout=seconds) as answer:
        if method == "HEAD":
            return
        body: bytes = answer.read()
    target = options.get("output") or address.rpartition("/")[2] or "index.html"
    if target == "-":
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
    else:
        Path(target).write_bytes(body)


def main(words: list[str]) -> int:
    """Get every URL; return the exit code."""
    options, urls = parse(words)
    for url in urls:
        try:
            get(url, options)
        except urllib.error.HTTPError as error:
            sys.stderr.write(f"wget: server returned error: HTTP {error.code}\n")
            return 1
        except (OSError, ValueError) as error:
            sys.stderr.write(f"wget: {url}: {error}\n")
            return 1
    return 0 if urls else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
