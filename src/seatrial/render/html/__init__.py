"""A recorded run as one page of HTML that needs nothing but itself.

``timeline`` knows what took time; ``drawing``, ``past``, ``troubles`` and ``page`` say what is on
the page; ``markup`` makes the text, with the template, the styles and the script beside it.
"""
