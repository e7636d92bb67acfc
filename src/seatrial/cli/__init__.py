"""Parse, call, choose a renderer; no logic."""
