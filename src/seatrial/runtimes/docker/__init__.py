"""Runs compose files on a Docker engine, through the ``docker`` CLI."""
