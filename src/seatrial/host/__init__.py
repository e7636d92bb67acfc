"""The only doors to the outside: processes, git, files, the clock, the terminal."""
