"""What brings an environment up: Docker, or local processes, behind one Protocol."""
