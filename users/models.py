"""No tables. Django sends post_migrate, which creates the roles, only to apps with this module."""
