"""What recorded runs tell of where the time goes, and why. Pure: texts of files are handed in."""
