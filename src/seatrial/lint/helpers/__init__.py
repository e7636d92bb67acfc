"""What several rules know: images, ports, durations, health checks, what depends on what."""
