"""Tests around a repository that is there already: what ``init`` finds, and what it would write.

::

    folders ─► find ─► Findings ─► propose ─► Proposal ─► shown, then written
                 ▲                    ▲
       suites: which tests      derive: a compose file for tests
       need what                out of the one that is there

Everything here reads and plans; ``host.changes`` writes, and only what is not there yet.
"""
