"""What stands in for images: real servers as local processes, one file a provider."""
