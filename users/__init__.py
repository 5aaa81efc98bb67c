"""Sign-in, roles, app tokens, staff and shoppers."""
