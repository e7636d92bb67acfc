"""An environment that stands as local processes: what up, down, ps, logs and exec do with it."""
