"""The orders: taken over HTTP, kept and queued in Valkey, settled by a worker."""
