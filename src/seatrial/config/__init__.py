"""seatrial.toml to overrides, with positions for errors.

``spec`` is the one table of keys; the parser, the JSON Schema and the reference come from it.
"""

from seatrial.config.model import (
    Config,
    PathsConfig,
    ProcessConfig,
    RunConfig,
    ServiceConfig,
    SuiteConfig,
)
from seatrial.config.parsing import FILE_NAME, parse, parse_bytes

__all__ = [
    "FILE_NAME",
    "Config",
    "PathsConfig",
    "ProcessConfig",
    "RunConfig",
    "ServiceConfig",
    "SuiteConfig",
    "parse",
    "parse_bytes",
]
