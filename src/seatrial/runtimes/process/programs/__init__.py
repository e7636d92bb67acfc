"""Stand-ins for client programs; each runs alone and imports nothing of ours."""
