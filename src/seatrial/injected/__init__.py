"""What runs inside the user's own test runner; imports nothing of the rest."""
