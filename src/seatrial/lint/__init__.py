"""The repository against the pattern: what is not so, where, and how to mend it.

::

    paths ─► documents, each parsed once ─► rules ─► findings ─► suppressions ─► renderer
                                                       └─► edits, where the mend is certain ─► fix

A rule is one file of ``rules/``, whose docstring is its documentation; ``registry.py`` lists them.
A rule only looks: it gets a parsed document and the facts of the repository, and yields findings.
"""
