"""A table that is made once, and the server that shows it."""
