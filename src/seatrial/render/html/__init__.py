"""A recorded run as one page of HTML that needs nothing but itself.

``timeline``, ``past`` and ``page`` say what is on it, ``markup`` makes the text of it, with the
template, the styles and the script that lie beside it.
"""
