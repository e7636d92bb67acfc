"""What several test suites share: builders and real fakes."""
