"""How a photo comes in: formats, pixels, facts, files."""
