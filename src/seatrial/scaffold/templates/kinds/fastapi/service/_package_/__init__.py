"""Notes over HTTP, kept in PostgreSQL."""
