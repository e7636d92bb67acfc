"""An environment that stands on a Docker engine: what up, down, ps, logs and exec do with it."""
