"""What runs tests: pytest, vitest, jest, go, any command, behind one Protocol."""
