"""One file a rule; its docstring is its page in the reference.

The docstring is Markdown. Its first paragraph is one sentence that says what is found. Then come,
in this order, the headings ``## Why``, ``## Example`` (a block in which the rule finds something),
``## Better`` (the same without a finding) and ``## Mend``. A block names its language.
"""
