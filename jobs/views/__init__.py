"""Pages: parse, permission, one call, respond."""
