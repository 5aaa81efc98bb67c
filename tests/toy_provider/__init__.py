"""A provider as somebody would add it: one package, named by the settings."""
