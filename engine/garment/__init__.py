"""Analysis of garment photos."""
