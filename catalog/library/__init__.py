"""Search, filters and bulk actions of the library."""
