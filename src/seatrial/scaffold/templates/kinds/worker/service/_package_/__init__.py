"""A worker: takes texts from a queue, counts their words, leaves the result for who asked."""
