"""Project and options to Plan; pure."""
