"""What lint found, for people, agents, editors and CI systems."""
