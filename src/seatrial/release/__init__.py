"""From a tag to images in a registry: versions, notes, the bake file, the push."""
