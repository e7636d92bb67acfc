"""seatrial.toml to overrides, with positions for errors."""
