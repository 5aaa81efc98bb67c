"""The stages of a try-on, each a file of pure functions on arrays."""
