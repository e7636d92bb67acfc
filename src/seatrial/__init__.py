"""seatrial: unit, service and integration tests for a repository of several services.

The floors, bottom to top, are listed in ``docs/explanation/architecture.md``; a module imports
only from floors below its own, which ``tests/unit/test_layering.py`` enforces.
"""

__version__ = "0.1.0"
