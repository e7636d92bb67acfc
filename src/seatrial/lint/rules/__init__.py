"""One file a rule; its docstring is its page in the reference.

The docstring has a first sentence that says what is found, then the sections ``Why``, ``Example``
(a bad block, then ``Better`` with a good one) and ``Mend``, as Markdown.
"""
