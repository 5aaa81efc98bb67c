"""Putting a garment on a person."""
