"""Reading Dockerfiles: what decides how a container's program starts."""
