"""From images in a registry to services that run: on one machine by Compose, on many by Swarm."""
