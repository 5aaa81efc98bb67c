"""Pages of the library: parse, permission, one call, respond."""
