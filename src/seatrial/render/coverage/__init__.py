"""The coverage of a run as files."""
